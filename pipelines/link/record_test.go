package link

import (
	"database/sql/driver"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// What is stored of a record is all that is compared of it.
func TestRecord_storedAndReadAgain(t *testing.T) {
	t.Parallel()
	e := &engine{db: engineOf(t, population(400, 11))}
	if err := e.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	exec(t, e.db, "create table kept ("+storedColumns+")")
	var rows [][]driver.Value
	for i := range e.records {
		rows = append(rows, e.records[i].stored(e.records[i].node))
	}
	if err := e.db.Insert(t.Context(), "memory", "kept", rows); err != nil {
		t.Fatal(err)
	}
	got, err := readStored(t.Context(), e.db, "kept")
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(e.records, got, gocmp.AllowUnexported(record{}), gocmp.Comparer(func(a, b *word) bool { return a.String() == b.String() })); diff != "" {
		t.Errorf("%.2000s", diff)
	}
}

// A hash is stored, so it may never change: these are the ones that published steps hold.
func TestHash_staysAsItIs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		want uint64
	}{{"", 0xc9d874ca57d9e055}, {"emma", 0x31cd72b58582940e}, {"a longer text than eight", 0xc64f1b7701d7fa99}} {
		if got := hash(tt.text); got != tt.want {
			t.Errorf("%q: got %#x, want %#x", tt.text, got, tt.want)
		}
	}
}
