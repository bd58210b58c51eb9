package demo

import (
	"bufio"
	"encoding/csv"
	"io"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// Columns are the names of the columns that WriteCSV and WriteParquet write; health_number is there
// only where the options ask for it. All are text; is_multiple is true or false.
func (p *Population) Columns() []string {
	columns := words("record_id agency given_name middle_name family_name birth_date sex street_address city postal_code phone email " +
		"caregiver_name caregiver_phone child_id family_id group is_multiple")
	if p.opt.HasHealth {
		columns = append(columns[:14], append([]string{"health_number"}, columns[14:]...)...)
	}
	return columns
}

// appendTo adds the values in the order of Columns.
func (p *Population) appendTo(row []string, x *Person) []string {
	row = append(row, x.RecordID, x.Agency, x.GivenName, x.MiddleName, x.FamilyName, x.BirthDate, x.Sex, x.StreetAddress, x.City, x.PostalCode,
		x.Phone, x.Email, x.CaregiverName, x.CaregiverPhone)
	if p.opt.HasHealth {
		row = append(row, x.HealthNumber)
	}
	return append(row, x.ChildID, x.FamilyID, x.Group, strconv.FormatBool(x.IsMultiple))
}

// WriteCSV writes all records, one after the other.
func (p *Population) WriteCSV(w io.Writer) error {
	buffer := bufio.NewWriterSize(w, 1<<20)
	out := csv.NewWriter(buffer)
	row := p.Columns()
	if err := out.Write(row); err != nil {
		return err
	}
	for x := range p.All() {
		row = p.appendTo(row[:0], &x)
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return err
	}
	return buffer.Flush()
}

// rowGroup is as many rows as the engine reads on one thread.
const rowGroup = 122_880

// WriteParquet writes all records, a row group at a time; what is empty is null.
func (p *Population) WriteParquet(w io.Writer) (err error) {
	var fields []arrow.Field
	for _, name := range p.Columns() {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true})
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	defer b.Release()
	// The library closes what it can; the file is the caller's.
	out, err := pqarrow.NewFileWriter(b.Schema(), struct{ io.Writer }{w}, parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Snappy)),
		pqarrow.DefaultWriterProps())
	if err != nil {
		return err
	}
	flush := func() error {
		batch := b.NewRecordBatch()
		defer batch.Release()
		return out.Write(batch)
	}
	row, rows := p.Columns(), 0
	for x := range p.All() {
		row = p.appendTo(row[:0], &x)
		for i, value := range row {
			column := b.Field(i).(*array.StringBuilder)
			if value == "" {
				column.AppendNull()
			} else {
				column.Append(value)
			}
		}
		if rows++; rows%rowGroup == 0 {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if rows%rowGroup != 0 {
		if err := flush(); err != nil {
			return err
		}
	}
	return out.Close()
}
