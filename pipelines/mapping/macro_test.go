package mapping

import (
	"testing"

	"tributary/pipelines/warehouse"
)

func openEngine(t *testing.T) *warehouse.DB {
	t.Helper()
	db, err := warehouse.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := createMacros(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	return db
}

func TestReadDate(t *testing.T) {
	t.Parallel()
	db := openEngine(t)
	cases := []struct{ words, order, want string }{
		{"2025-06-03", "", "2025-06-03"},
		{"2018-04-15T00:00:00-04:00", "", "2018-04-15"},
		{"2025-06-03 00:00:00", "", "2025-06-03"},
		{"2025/6/3", "", "2025-06-03"},
		{"20120101", "", "2012-01-01"},
		{"45838", "", "2025-06-30"},
		{"45838.5", "", "2025-06-30"},
		{"03/04/2025", "dmy", "2025-04-03"},
		{"03/04/2025", "mdy", "2025-03-04"},
		{"3.4.25", "dmy", "2025-04-03"},
		{"25-04-03", "ymd", "2025-04-03"},
		{"03/04/2025", "", "null"},
		{"31/02/2025", "dmy", "null"},
		{"13/13/2025", "mdy", "null"},
		{"2025-02-30", "", "null"},
		{"Mar 3, 2026", "", "2026-03-03"},
		{"29-Oct-2015", "", "2015-10-29"},
		{"6-Jul-22", "", "2022-07-06"},
		{"Jul 6/22", "", "2022-07-06"},
		{"Nov 13 2015", "", "2015-11-13"},
		{"January 15, 2012", "", "2012-01-15"},
		{"Sept. 5th, 2020", "", "2020-09-05"},
		{"1er juillet 2025", "", "2025-07-01"},
		{"12 août 2024", "", "2024-08-12"},
		{"3 févr. 2024", "", "2024-02-03"},
		{"14 juin 2024", "", "2024-06-14"},
		{"Tue, Mar 3, 2026", "", "2026-03-03"},
		{"Mar 3, 2026 12:00 AM", "", "2026-03-03"},
		{"99", "", "null"},
		{"soon", "dmy", "null"},
		{"1 Foo 2020", "", "null"},
		{"age 10", "", "null"},
		{"6135551234", "", "null"},
	}
	for _, c := range cases {
		var got string
		err := db.Scan(t.Context(), "select coalesce(cast(read_date(?::varchar, ?::varchar) as varchar), 'null')", []any{c.words, c.order}, &got)
		if err != nil || got != c.want {
			t.Errorf("read_date(%q, %q) = %s, %v; want %s", c.words, c.order, got, err, c.want)
		}
	}
}

func TestReadBirthDate_precision(t *testing.T) {
	t.Parallel()
	db := openEngine(t)
	for words, want := range map[string]string{
		"2012-05-06": "2012-05-06 day", "2012": "2012-01-01 year", "July 2012": "2012-07-01 month",
		"2012-07": "2012-07-01 month", "age 10": "null age", "9 yrs": "null age", "12": "null age", "7 ans": "null age", "?": "null null",
	} {
		var got string
		err := db.Scan(t.Context(), `select coalesce(cast(read_birth_date(w, 'dmy') as varchar), 'null') || ' ' ||
			coalesce(birth_date_precision(w, 'dmy'), 'null') from (select ?::varchar as w)`, []any{words}, &got)
		if err != nil || got != want {
			t.Errorf("%q: got %s, %v; want %s", words, got, err, want)
		}
	}
}

func TestReadNumberFlagTextPlace(t *testing.T) {
	t.Parallel()
	db := openEngine(t)
	for call, want := range map[string]string{
		"read_number('10.5')": "10.5", "read_number('12,5')": "12.5", "read_number('1 234')": "1234.0",
		"read_number('1,234')": "1234.0", "read_number('-3')": "-3.0", "read_number('ten')": "null",
		"read_flag('Oui')": "true", "read_flag('0')": "false", "read_flag('maybe')": "null",
		`read_text('a' || chr(7) || 'b')`: "ab", `read_text(chr(1))`: "null",
		"place_key('Town of Greater Napanee')": "greater napanee", "place_key('Kingston Ont.')": "kingston",
		"place_key('KINGSTON, ON')": "kingston", "place_key('S. Frontenac Twp')": "south frontenac",
		"place_key('Ville de Kingston')": "kingston", "place_key('Township of South Frontenac')": "south frontenac",
	} {
		var got string
		if err := db.Scan(t.Context(), "select coalesce(cast("+call+" as varchar), 'null')", nil, &got); err != nil || got != want {
			t.Errorf("%s = %s, %v; want %s", call, got, err, want)
		}
	}
}
