// Package ministry writes the ministry's quarterly performance workbook from a release, and reads
// back what people typed into it.
//
// Takes a contract release (tables release.*) and a quarter; leaves one workbook and its cell map,
// the same bytes for the same release; never opens anything else, counts, rounds or hides a value.
// Every number in the workbook is one cell of the release and stands in the cell map; what the
// workbook derives (change, variance, how many delivered) is written as words.
package ministry

import (
	"context"
	"database/sql"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"tributary"
	"tributary/reports/sheet"
)

// Query is the release, attached under the name release. *warehouse.DB satisfies it.
type Query interface {
	Query(ctx context.Context, sql string, args ...any) (*sql.Rows, error)
}

// Cell is one line of the cell map: where in the workbook a published number stands.
type Cell struct {
	Sheet, Cell, CellID string
	Value               float64
}

// Write writes the workbook of the quarter in English (en) or French (fr) and returns its cell map
// in the order of the sheets.
func Write(ctx context.Context, q Query, quarter tributary.Quarter, lang string, w io.Writer) ([]Cell, error) {
	words, err := wordsOf(lang)
	if err != nil {
		return nil, err
	}
	rel, err := read(ctx, q, quarter, lang)
	if err != nil {
		return nil, fmt.Errorf("ministry workbook %s: %w", quarter, err)
	}
	b := &book{f: excelize.NewFile(), words: words, rel: rel, styles: map[look]int{}, names: map[string]bool{}}
	defer b.f.Close()
	if err := b.write(); err != nil {
		return nil, fmt.Errorf("ministry workbook %s: %w", quarter, err)
	}
	if err := sheet.Pack(b.f, w); err != nil {
		return nil, fmt.Errorf("ministry workbook %s: %w", quarter, err)
	}
	return b.cells, nil
}

func (b *book) write() error {
	if err := b.begin(); err != nil {
		return err
	}
	b.cover()
	for _, question := range questions {
		b.question(question)
	}
	if len(b.rel.codes("area")) > 1 {
		b.margin("area", "sheet_area", "title_area")
	}
	b.margin("agency", "sheet_agency", "title_agency")
	b.margin("municipality", "sheet_municipality", "title_municipality")
	b.trends()
	b.targets()
	b.definitions()
	b.dataNotes()
	b.form()
	if b.err != nil {
		return b.err
	}
	return b.end()
}
