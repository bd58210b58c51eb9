package demo

import (
	"bytes"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"tributary"
)

// hub sends Parquet with real dates. In the third quarter it was closed and said so.
func (a *area) hub(i int, q tributary.Quarter) error {
	if i == 2 {
		name := fmt.Sprintf("NIL_REPORT_%s_Q%d.txt", q.FiscalYear(), q.Number())
		a.problem("HUBS", q, name, 0, "nil_report", "")
		a.put("HUBS", q, name, 3, []byte("Lakes SmartStart Hub\r\n"+q.String()+": NIL REPORT - hub closed for the quarter, nothing to report.\r\n"))
		return nil
	}
	last := endOf(q)
	texts := words("file_number last_name first_name sex street municipality postal_code phone carer_last carer_first carer_relation referred_by outcome consent connected_to connection connection_result")
	days := words("birth_date referred_on opened_on closed_on consent_on first_contact_on about_my_child_on connected_on")
	var rows []hubRow
	for _, reg := range a.active("HUBS", startOf(q), last) {
		a.deliver(reg, i)
		rows = append(rows, hubLine(a.world.see(reg, a.views["HUBS"], last), last))
	}
	data, err := parquetFile(texts, days, rows)
	if err != nil {
		return err
	}
	a.put("HUBS", q, fmt.Sprintf("smartstart_%s_Q%d.parquet", q.FiscalYear(), q.Number()), 6, data)
	return nil
}

// closeHub makes the nil report true: nobody is on the hub's books in the third quarter. Files that
// were open end before it, those that would begin in it begin after it.
func closeHub(regs []*registration) {
	q := quarters()[2]
	first, last := startOf(q), endOf(q)
	for n, reg := range regs {
		if !reg.open.touches(first, last) {
			continue
		}
		if reg.open.from < first && n%2 == 0 {
			reg.open.to = first - 1 - day(n%30)
			reg.open.to = max(reg.open.to, reg.open.from)
			continue
		}
		reg.open.from = last + 4 + day(n%45)
		if reg.open.to != 0 {
			reg.open.to = max(reg.open.to, reg.open.from+20)
		}
	}
}

type hubRow struct {
	texts []string
	days  []day
}

func hubLine(s seen, last day) hubRow {
	c := s.registration.consent
	p := s.carers[0]
	referred := []string{"family", "physician", "school", "child care"}[s.hours%4]
	state := map[string]string{"given": "yes", "refused": "no", "withdrawn": "withdrawn", "expired": "expired", "not_asked": ""}[c.state(last)]
	contacted := s.open.from + day(1+s.hours%9)
	story := contacted + day(5+s.hours%20)
	connected := story + day(4+s.hours%31)
	ended := func(d day) day { // what would come after the file was closed does not happen
		if s.open.to != 0 && d > s.open.to {
			return 0
		}
		return d.by(last)
	}
	to, kind, result := "", "", ""
	if s.hours%5 == 0 || ended(connected) == 0 {
		connected = 0
	} else {
		to = []string{"autism", "treatment centre", "mental health", "school"}[s.hours%4]
		kind = []string{"supported", "supported", "information"}[s.hours%3]
		result = []string{"accepted", "accepted", "waiting", "declined"}[s.hours/3%4]
	}
	return hubRow{
		texts: []string{s.local, s.surname, s.given, s.child.sex, s.at.street, s.town, s.postal, s.phone, p.family, p.given, p.relation, referred,
			[]string{"navigated", "referred on", "assessment"}[s.hours%3], state, to, kind, result},
		days: []day{s.birth, s.open.from, s.open.from, s.open.to.by(last), c.signed.by(last), ended(contacted), ended(story), connected},
	}
}

func parquetFile(texts, days []string, rows []hubRow) ([]byte, error) {
	var fields []arrow.Field
	for _, name := range texts {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true})
	}
	for _, name := range days {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.FixedWidthTypes.Date32, Nullable: true})
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	defer b.Release()
	for _, row := range rows {
		for i, value := range row.texts {
			column := b.Field(i).(*array.StringBuilder)
			if value == "" {
				column.AppendNull()
			} else {
				column.Append(value)
			}
		}
		for i, value := range row.days {
			column := b.Field(len(texts) + i).(*array.Date32Builder)
			if value == 0 {
				column.AppendNull()
			} else {
				column.Append(arrow.Date32(value))
			}
		}
	}
	record := b.NewRecordBatch()
	defer record.Release()
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(record.Schema(), &out, parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Snappy)),
		pqarrow.DefaultWriterProps())
	if err != nil {
		return nil, err
	}
	if err := w.Write(record); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
