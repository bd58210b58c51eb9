package land

import (
	"errors"
	"io"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// readParquet reads a Parquet file: every value as text, dates and times in ISO form, lists and
// structures as JSON text.
func (r *reading) readParquet() error {
	in, err := file.NewParquetReader(io.NewSectionReader(r.sum.file, 0, r.size))
	if err != nil {
		r.unreadable("the Parquet file cannot be opened: it is damaged or cut off; ask for the file again")
		return nil
	}
	defer in.Close()
	reader, err := pqarrow.NewFileReader(in, pqarrow.ArrowReadProperties{BatchSize: 8192}, memory.DefaultAllocator)
	if err != nil {
		r.unreadable("the Parquet file has columns that cannot be read")
		return nil
	}
	schema, err := reader.Schema()
	if err != nil {
		r.unreadable("the Parquet file has columns that cannot be read")
		return nil
	}
	headings := make([]string, schema.NumFields())
	for i, f := range schema.Fields() {
		headings[i] = f.Name
	}
	err = r.copySheet("", false, false, headings, func(s *sheetCopy) error {
		s.columns = len(headings)
		records, err := reader.GetRecordReader(r.ctx, nil, nil)
		if err != nil {
			return errBrokenSheet
		}
		defer records.Release()
		number := int64(0)
		for records.Next() {
			batch := records.RecordBatch()
			for i := range int(batch.NumRows()) {
				number++
				rec := record{number: number, cells: make([]*string, len(headings))}
				for c := range headings {
					rec.cells[c] = cellText(batch.Column(c), i)
				}
				if err := s.put(rec); err != nil {
					return err
				}
			}
		}
		if records.Err() != nil && !errors.Is(records.Err(), io.EOF) {
			if r.ctx.Err() != nil {
				return r.ctx.Err()
			}
			return errBrokenSheet
		}
		return nil
	})
	if errors.Is(err, errBrokenSheet) {
		r.unreadable("the Parquet file breaks off; ask for the file again")
		return nil
	}
	return err
}

func cellText(column arrow.Array, i int) *string {
	if column.IsNull(i) {
		return nil
	}
	text := ""
	switch c := column.(type) {
	case *array.String:
		text = c.Value(i)
	case *array.LargeString:
		text = c.Value(i)
	case *array.Date32:
		text = c.Value(i).ToTime().Format("2006-01-02")
	case *array.Date64:
		text = c.Value(i).ToTime().Format("2006-01-02")
	case *array.Binary:
		if text = string(c.Value(i)); !utf8.ValidString(text) {
			text = c.ValueStr(i)
		}
	default:
		text = column.ValueStr(i)
	}
	// Memory of the batch is used again by the next one.
	text = string(append([]byte(nil), text...))
	return &text
}
