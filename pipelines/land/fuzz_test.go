package land

import (
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"tributary"
)

func contextCanceled(t testing.TB) (context.Context, context.CancelFunc) {
	return context.WithCancel(t.Context())
}

// survives reads the bytes and holds the row counts to the copies.
func survives(t *testing.T, name string, content []byte, hint tributary.Hint) {
	f, into := readBytes(t, name, string(content), hint)
	for _, s := range f.Sheets {
		var n int64
		if err := engine().QueryRow("select count(*) from '" + filepath.Join(into, s.Parquet) + "'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n != s.Rows {
			t.Errorf("sheet %q: %d rows in the copy, %d said", s.Name, n, s.Rows)
		}
	}
	if len(f.Sheets) == 0 && len(f.Findings) == 0 {
		t.Error("neither a sheet nor a finding")
	}
}

func FuzzDelimited(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "a;b\r\n\"1\";\"2\n", "\xff\xfea\x00\t\x00b\x00", "\"", "a,\"b\"x\"\n", "\xef\xbb\xbf", "a\rb\rc", "é,\xe9\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		survives(t, "a.csv", content, tributary.Hint{Format: "delimited"})
	})
}

func FuzzFixed(f *testing.F) {
	f.Add([]byte("001Ann\n002é\n"), 3, 4)
	f.Fuzz(func(t *testing.T, content []byte, a, b int) {
		survives(t, "a.txt", content, tributary.Hint{Format: "fixed", Widths: []int{1 + a&31, 1 + b&31}})
	})
}

func FuzzJSON(f *testing.F) {
	for _, seed := range []string{`{"a":1}`, "{\"a\":[{\"b\":null}]}\n{", `[{"a":{"b":[1,"x"]}}]`, `{"a":{"b":{}},"c":[[1]]}`, `[[[[`, `{"a":"` + "\x01" + `"}`} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, content []byte, lines bool) {
		format := map[bool]string{true: "jsonl", false: "json"}[lines]
		survives(t, "a."+format, content, tributary.Hint{Format: format})
	})
}

func FuzzXLSX(f *testing.F) {
	whole := workbook(f, excelize.Options{}, func(x *excelize.File) {
		set(f, x, "Sheet1", map[string]any{"A1": "id", "B1": "name", "A2": 1, "B2": "Ann"})
	})
	f.Add([]byte(whole), 100, byte(7))
	f.Add([]byte(whole[:len(whole)/2]), 0, byte(0))
	f.Fuzz(func(t *testing.T, content []byte, at int, to byte) {
		if len(content) > 0 {
			content = append([]byte(nil), content...)
			content[uint(at)%uint(len(content))] ^= to
		}
		survives(t, "a.xlsx", content, tributary.Hint{Format: "xlsx"})
	})
}

// Any table written by a correct writer comes back cell by cell.
func TestRead_delimitedRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		columns := rapid.IntRange(2, 6).Draw(rt, "columns")
		cell := rapid.StringOfN(rapid.RuneFrom([]rune("ab1 ,;\"\n\té|'=-🙂")), 0, 8, -1)
		table := [][]string{}
		heading := make([]string, columns)
		for i := range heading {
			heading[i] = "heading " + string(rune('a'+i))
		}
		table = append(table, heading)
		for range rapid.IntRange(0, 40).Draw(rt, "rows") {
			row := make([]string, columns)
			for i := range row {
				row[i] = cell.Draw(rt, "cell")
			}
			table = append(table, row)
		}
		var b strings.Builder
		w := csv.NewWriter(&b)
		w.UseCRLF = rapid.Bool().Draw(rt, "crlf")
		if err := w.WriteAll(table); err != nil {
			rt.Fatal(err)
		}
		content := b.String()
		// csv.Writer writes \n inside a field as \r\n too.
		f, into := readBytes(t, "a.csv", content, tributary.Hint{Delimiter: ","})
		var got [][]string
		for _, line := range readCells(t, filepath.Join(into, f.Sheets[0].Parquet), columns) {
			got = append(got, line)
		}
		if w.UseCRLF {
			for _, row := range table {
				for i := range row {
					row[i] = strings.ReplaceAll(row[i], "\n", "\r\n")
				}
			}
		}
		if diff := cmp.Diff(got, table); diff != "" {
			rt.Fatalf("cells (-got +want):\n%s\nfile: %q", diff, content)
		}
	})
}

func readCells(t testing.TB, parquet string, columns int) [][]string {
	t.Helper()
	rows, err := engine().Query("select * exclude (_row, _path, _fault, _more) from '" + parquet + "'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var cells [][]string
	for rows.Next() {
		row := make([]string, columns)
		into := make([]any, columns)
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		cells = append(cells, row)
	}
	return cells
}

func TestRead_json(t *testing.T) {
	t.Parallel()
	lines := `{"id":"1","child":{"name":"Ann","tags":["a","b"]},"active":true,"hours":4.50,"caregivers":[{"name":"Jo","phones":[{"no":"1"},{"no":"2"}]},{"name":"Al"}],"none":[]}

{"id":"2","late":"<x>","child":{"name":null}}
{"id":"3","broken
{"id":"4"`
	f, into := readBytes(t, "a.jsonl", lines, tributary.Hint{})
	want := map[string][]string{
		"":                  {"1|.|.|.|1|Ann|[\"a\",\"b\"]|true|4.50|.", "2|.|.|.|.|.|.|.|.|.", "3|.|.|.|2|.|.|.|.|<x>", "4|.|short|.|.|.|.|.|.|.", "5|.|cut|.|.|.|.|.|.|."},
		"caregivers":        {"1|caregivers[0]|.|.|Jo", "1|caregivers[1]|.|.|Al"},
		"caregivers.phones": {"1|caregivers[0].phones[0]|.|.|1", "1|caregivers[0].phones[1]|.|.|2"},
	}
	got := map[string][]string{}
	for _, s := range f.Sheets {
		got[s.Name] = rows(t, filepath.Join(into, s.Parquet))
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("rows (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(f.Sheets[0].Headings, []string{"id", "child.name", "child.tags", "active", "hours", "late"}); diff != "" {
		t.Errorf("headings (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(said(f), []string{"row_short||4|", "file_cut_off||5|"}); diff != "" {
		t.Errorf("findings (-got +want):\n%s", diff)
	}
	for name, content := range map[string]string{
		"array": `[{"id":1},{"id":2,"n":{"x":"y"}}]`, "object": `{"made":"2025","clients":[{"id":1},{"id":2,"n":{"x":"y"}}]}`,
	} {
		f, into := readBytes(t, "a.json", content, tributary.Hint{})
		want := []string{"1|.|.|.|1|.", "2|.|.|.|2|y"}
		if diff := cmp.Diff(rows(t, filepath.Join(into, f.Sheets[0].Parquet)), want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", name, diff)
		}
	}
}

// Of a key that stands twice the last value counts, as everywhere; that there were two is told.
func TestRead_jsonKeyTwice(t *testing.T) {
	t.Parallel()
	lines := `{"id":1,"name":"Ann","name":"Bea"}` + "\n" + `{"id":2,"name":"C\u00c3\u00b4t\u00c3\u00a9","id":2}` + "\n"
	f, into := readBytes(t, "a.jsonl", lines, tributary.Hint{})
	if diff := cmp.Diff(said(f), []string{"unusual_text||1|name", "unusual_text||2|name"}); diff != "" {
		t.Errorf("findings (-got +want):\n%s", diff)
	}
	if got := rows(t, filepath.Join(into, f.Sheets[0].Parquet))[0]; got != "1|.|.|.|1|Bea" {
		t.Errorf("got %q", got)
	}
}

func TestRead_parquet(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.parquet")
	_, err := engine().Exec("copy (select 1 as id, 'Zoé' as name, date '2025-01-02' as born, 1.5::double as hours, null::varchar as none, [1, 2] as list" +
		" union all select 2, '', null, 2, 'x', []) to '" + path + "'")
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, into := readBytes(t, "a.parquet", string(content), tributary.Hint{})
	want := []string{"1|.|.|.|1|Zoé|2025-01-02|1.5|.|[1,2]", "2|.|.|.|2||.|2|x|[]"}
	if diff := cmp.Diff(rows(t, filepath.Join(into, f.Sheets[0].Parquet)), want); diff != "" {
		t.Errorf("rows (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(f.Sheets[0].Headings, []string{"id", "name", "born", "hours", "none", "list"}); diff != "" {
		t.Errorf("headings (-got +want):\n%s", diff)
	}
}
