package mapping

import (
	"context"
	"fmt"
	"slices"

	"tributary/pipelines/warehouse"
)

// checkVolume pauses a file that has lost all, or more, against the newest one of an earlier quarter that was used, than
// its agency's file allows. A list below sameRows rows moves too much by itself to say anything.
func (s *stager) checkVolume(ctx context.Context, f *delivered) error {
	limit := f.agency.Pause
	if f.state != fileTaken || f.kind == "delta" || f.kind == "standing" {
		return nil
	}
	if s.lostAll(f) || limit == (Pause{}) {
		return nil
	}
	var before *delivered
	for _, o := range s.files { // in order of quarter and arrival: the last one found is the newest
		if o.Agency == f.Agency && o.key == f.key && o.usable() && o.Quarter.Compare(f.Quarter) < 0 {
			before = o
		}
	}
	if before == nil || before.rowCount() < sameRows {
		return nil
	}
	pause := func(detail string) {
		f.hold("volume_fell", detail)
		f.paused = true
	}
	if lost := before.rowCount() - f.rowCount(); limit.FewerRows > 0 && lost*100 >= int64(limit.FewerRows)*before.rowCount() {
		pause(fmt.Sprintf("%d of %d rows of %s are not there", lost, before.rowCount(), before.Quarter))
		return nil
	}
	if limit.FewerClients == 0 {
		return nil
	}
	was, now := before.clientsSQL(), f.clientsSQL()
	if was == "" || now == "" {
		return nil
	}
	var lost, of int64
	err := s.db.Scan(ctx, fmt.Sprintf("select count(*) filter (client not in (%s)), count(*) from (%s)", now, was), nil, &lost, &of)
	if err == nil && of > 0 && lost*100 >= int64(limit.FewerClients)*of {
		pause(fmt.Sprintf("%d of %d clients of %s are not there", lost, of, before.Quarter))
	}
	return err
}

// lostAll pauses a list of clients without a row where the newest one before it had some, be it of the same quarter:
// whoever serves nobody any more says so by a nil report.
func (s *stager) lostAll(f *delivered) bool {
	if f.clientsSQL() == "" || f.rowCount() > 0 {
		return false
	}
	for i := slices.Index(s.files, f) - 1; i >= 0; i-- {
		o := s.files[i]
		if o.Agency != f.Agency || o.key != f.key || !o.usable() {
			continue
		}
		if n := o.rowCount(); n > 0 {
			f.hold("volume_fell", fmt.Sprintf("it has no row below its headings, %s of %s has %d", base(o.Name), o.Quarter, n))
			f.paused = true
		}
		return f.paused
	}
	return false
}

// rowCount is how many rows lie below the headings of the sheets that are used.
func (f *delivered) rowCount() (n int64) {
	for _, ref := range f.sheets {
		if tables := f.tablesOf(ref); len(tables) > 0 {
			l, _ := f.layoutOf(ref, tables)
			n += max(0, ref.sheet.Rows-int64(slices.Max(append(slices.Clone(l.headRows), 0))))
		}
	}
	return n
}

// clientsSQL lists the client numbers of a file's first sheet of clients, or is empty where none is found.
func (f *delivered) clientsSQL() string {
	for _, ref := range f.sheets {
		tables := f.tablesOf(ref)
		at := slices.IndexFunc(tables, func(t Table) bool { return t.Into == "client" })
		if at < 0 {
			continue
		}
		l, _ := f.layoutOf(ref, tables)
		for _, heading := range tables[at].Columns["client_local_id"].From {
			if i, ok := l.own.find(heading); ok {
				first := slices.Max(append(slices.Clone(l.headRows), 0))
				return fmt.Sprintf("select distinct trim(c%d) as client from read_parquet(%s) where _row > %d and trim(c%[1]d) <> ''",
					i+1, warehouse.Text(ref.path), first)
			}
		}
	}
	return ""
}
