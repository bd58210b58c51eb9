package land

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"tributary"
)

var engine = sync.OnceValue(func() *sql.DB {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		panic(err)
	}
	return db
})

// readBytes reads content as one file and returns it with the folder of its copies.
func readBytes(t testing.TB, name, content string, hint tributary.Hint) (tributary.File, string) {
	t.Helper()
	dir := t.TempDir()
	path, into := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(into, 0o700); err != nil {
		t.Fatal(err)
	}
	r := &reading{ctx: t.Context(), path: path, name: name, hint: hint, into: into, temp: dir, threads: 1}
	err := r.read()
	f := r.file
	if err != nil {
		t.Fatal(err)
	}
	return f, into
}

// rows prints the copy of a sheet, one line per row: number, path, fault, more, then the cells; NULL
// is a dot.
func rows(t testing.TB, parquet string) []string {
	t.Helper()
	list, err := engine().Query(fmt.Sprintf("select * from '%s' order by file_row_number", parquet))
	if err != nil {
		list, err = engine().Query(fmt.Sprintf("select * from '%s'", parquet))
	}
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	names, err := list.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for list.Next() {
		cells := make([]any, len(names))
		into := make([]any, len(names))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := list.Scan(into...); err != nil {
			t.Fatal(err)
		}
		texts := make([]string, len(cells))
		for i, c := range cells {
			if texts[i] = "."; c != nil {
				texts[i] = fmt.Sprint(c)
			}
		}
		lines = append(lines, strings.Join(texts, "|"))
	}
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

// said prints findings as check, sheet, row and column.
func said(f tributary.File) []string {
	var lines []string
	for _, g := range f.Findings {
		lines = append(lines, strings.Join([]string{g.Check, g.Sheet, fmt.Sprint(g.Row), g.Column}, "|"))
	}
	return lines
}

func utf16LE(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		b.WriteByte(byte(u))
		b.WriteByte(byte(u >> 8))
	}
	return b.String()
}

func utf16BE(s string) string {
	le := []byte(utf16LE(s))
	for i := 0; i+1 < len(le); i += 2 {
		le[i], le[i+1] = le[i+1], le[i]
	}
	return string(le)
}

func TestRead_text(t *testing.T) {
	t.Parallel()
	const table = "id,name,born\n1,Zoé,2015-01-02\n2,Max,2016-03-04\n"
	want := []string{"1|.|.|.|id|name|born", "2|.|.|.|1|Zoé|2015-01-02", "3|.|.|.|2|Max|2016-03-04"}
	with := func(d string) string { return strings.ReplaceAll(table, ",", d) }
	tests := []struct {
		name, file, content string
		hint                tributary.Hint
		format              string
		rows, said          []string
	}{
		{"comma", "a.csv", table, tributary.Hint{}, "delimited", want, nil},
		{"semicolon", "a.txt", with(";"), tributary.Hint{}, "delimited", want, nil},
		{"tab", "a.txt", with("\t"), tributary.Hint{}, "delimited", want, nil},
		{"pipe", "a.dat", with("|"), tributary.Hint{}, "delimited", want, nil},
		{"byte order mark", "a.csv", "\xef\xbb\xbf" + table, tributary.Hint{}, "delimited", want, nil},
		{"utf-16 little end", "a.txt", "\xff\xfe" + utf16LE(with("\t")), tributary.Hint{}, "delimited", want, nil},
		{"utf-16 big end", "a.txt", "\xfe\xff" + utf16BE(table), tributary.Hint{}, "delimited", want, nil},
		{"utf-16 without mark", "a.csv", utf16LE(table), tributary.Hint{}, "delimited", want, nil},
		{"windows-1252", "a.csv", strings.ReplaceAll(with(";"), "é", "\xe9"), tributary.Hint{}, "delimited", want, nil},
		{"carriage returns", "a.csv", strings.ReplaceAll(table, "\n", "\r"), tributary.Hint{}, "delimited", want, nil},
		{"no last line end", "a.csv", strings.TrimSuffix(table, "\n"), tributary.Hint{}, "delimited", want, nil},
		{"mixed line ends", "a.csv", "id,name\r\n1,A\n2,B\r\n", tributary.Hint{}, "delimited",
			[]string{"1|.|.|.|id|name", "2|.|.|.|1|A", "3|.|.|.|2|B"}, []string{"mixed_line_endings||0|"}},
		{"quotes", "a.csv", "id,name\n1,\"A, \"\"B\"\"\r\nC\"\n2,\"\"\n", tributary.Hint{}, "delimited",
			[]string{"1|.|.|.|id|name", "2|.|.|.|1|A, \"B\"\r\nC", "3|.|.|.|2|"}, nil},
		{"text after a closing mark stays as it is", "a.csv", "id,name\n1,\"A\"B\n2,C\n", tributary.Hint{}, "delimited",
			[]string{"1|.|.|.|id|name", "2|.|.|.|1|\"A\"B", "3|.|.|.|2|C"}, nil},
		{"a stray mark does not swallow rows", "a.csv", "id,name\n1,\"A\n2,B\n3,\"C\"\n4,D\n", tributary.Hint{}, "delimited",
			[]string{"1|.|.|.|id|name", "2|.|.|.|1|\"A", "3|.|.|.|2|B", "4|.|.|.|3|C", "5|.|.|.|4|D"}, []string{"unusual_text||2|"}},
		{"ragged rows stay", "a.csv", "id,name,town\n1,A,X\n2,B\n3,C,Y,Z,\"W \"\"q\"\"\"\n4,D,X\n", tributary.Hint{}, "delimited",
			[]string{"1|.|.|.|id|name|town", "2|.|.|.|1|A|X", "3|.|short|.|2|B|.", `4|.|long|["Z","W \"q\""]|3|C|Y`, "5|.|.|.|4|D|X"},
			[]string{"row_short||3|", "row_long||4|"}},
		{"delimiters at the end of each row", "a.csv", "id,name,town\n1,A,X,,\n2,B,,,\n3,C,Y,Z,\n4,D, Jr,Elm,,\n5,E,X\n6,F\n7,G,X,,\n8,H,X,,\n9,I,X,,\n", tributary.Hint{}, "delimited",
			[]string{"1|.|.|.|id|name|town", "2|.|.|.|1|A|X", "3|.|.|.|2|B|", `4|.|long|["Z",""]|3|C|Y`, `5|.|long|["Elm","",""]|4|D| Jr`, "6|.|.|.|5|E|X",
				"7|.|short|.|6|F|.", "8|.|.|.|7|G|X", "9|.|.|.|8|H|X", "10|.|.|.|9|I|X"}, []string{"row_long||4|", "row_long||5|", "row_short||7|"}},
		{"a value that holds the delimiter is no delimiter at the end", "a.csv", "id,name,town\n1,A, Jr,\n2,B,X\n3,C,Y\n", tributary.Hint{}, "delimited",
			[]string{"1|.|.|.|id|name|town", `2|.|long|[""]|1|A| Jr`, "3|.|.|.|2|B|X", "4|.|.|.|3|C|Y"}, []string{"row_long||2|"}},
		{"a mark that is never closed", "a.csv", "id,name,town\n1,A,X\n2,\"B,Y\n3,C,Z\n4,D,\n", tributary.Hint{}, "delimited",
			[]string{"1|.|.|.|id|name|town", "2|.|.|.|1|A|X", "3|.|.|.|2|\"B|Y", "4|.|.|.|3|C|Z", "5|.|.|.|4|D|"}, []string{"unusual_text||3|"}},
		{"a mark that is never closed, twice", "a.csv", "id,name,town\n1,A,\"X\n2,B,Y\n3,C,\"Z\n4,D,W\n5,E,V\n6,\"F,U\n7,G,T\n", tributary.Hint{}, "delimited",
			[]string{"1|.|.|.|id|name|town", "2|.|.|.|1|A|\"X", "3|.|.|.|2|B|Y", "4|.|.|.|3|C|\"Z", "5|.|.|.|4|D|W", "6|.|.|.|5|E|V", "7|.|.|.|6|\"F|U", "8|.|.|.|7|G|T"},
			[]string{"unusual_text||2|", "unusual_text||4|", "unusual_text||7|"}},
		{"cut off inside a text of several lines", "a.csv", "id,name,text\n1,A,X\n2,B,\"one line\nand, another\nand half", tributary.Hint{}, "delimited",
			[]string{"1|.|.|.|id|name|text", "2|.|.|.|1|A|X", "3|.|cut|.|2|B|one line\nand, another\nand half"}, []string{"file_cut_off||3|"}},
		{"encoded twice", "a.csv", "id,name,town\n1,C\u00c3\u00b4t\u00c3\u00a9,X\n2,Côté,São Paulo\n3,Zo\u00c3\u00ab,\"\u00c3\u2030lm, \"\n4,d\u00e2\u20ac\u2122Or,CHÂTEAU\n5,Ãlvares,5 €\n", tributary.Hint{}, "delimited",
			[]string{"1|.|.|.|id|name|town", "2|.|.|.|1|C\u00c3\u00b4t\u00c3\u00a9|X", "3|.|.|.|2|Côté|São Paulo", "4|.|.|.|3|Zo\u00c3\u00ab|\u00c3\u2030lm, ",
				"5|.|.|.|4|d\u00e2\u20ac\u2122Or|CHÂTEAU", "6|.|.|.|5|Ãlvares|5 €"},
			[]string{"unusual_text||2|name", "unusual_text||4|name", "unusual_text||4|town", "unusual_text||5|name"}},
		{"titles and blank lines are no faults", "a.csv", "Report\n\nid,name,town\n1,A,X\n\n2,B,Y\n,,\n", tributary.Hint{}, "delimited",
			[]string{"1|.|.|.|Report|.|.", "2|.|.|.||.|.", "3|.|.|.|id|name|town", "4|.|.|.|1|A|X", "5|.|.|.||.|.", "6|.|.|.|2|B|Y", "7|.|.|.|||"}, nil},
		{"cut in quotes", "a.csv", "id,name\n1,A\n2,\"B", tributary.Hint{}, "delimited",
			[]string{"1|.|.|.|id|name", "2|.|.|.|1|A", "3|.|cut|.|2|B"}, []string{"file_cut_off||3|"}},
		{"cut before the last field", "a.csv", "id,name,town\n1,A,X\n2,B", tributary.Hint{}, "delimited",
			[]string{"1|.|.|.|id|name|town", "2|.|.|.|1|A|X", "3|.|cut|.|2|B|."}, []string{"file_cut_off||3|"}},
		{"stray bytes in UTF-8", "a.csv", "id,name\n1,Zoé\n2,Zoé\n3,Léa\n4,Noé\n5,Chloé\n6,Ren\xe9e\n", tributary.Hint{}, "delimited",
			[]string{"1|.|.|.|id|name", "2|.|.|.|1|Zoé", "3|.|.|.|2|Zoé", "4|.|.|.|3|Léa", "5|.|.|.|4|Noé", "6|.|.|.|5|Chloé", "7|.|.|.|6|Renée"},
			[]string{"unusual_text||7|name"}},
		{"cells that stand out", "a.csv", "id,what\n1,=1+1\n2,-5\n3,+1 613 555 0100\n4,-cmd|x\n5,a\x00b\n6,\u202eabc\n7,hi 🙂\n8,-\n9,@x\n10,l’été\n", tributary.Hint{}, "delimited",
			[]string{"1|.|.|.|id|what", "2|.|.|.|1|=1+1", "3|.|.|.|2|-5", "4|.|.|.|3|+1 613 555 0100", "5|.|.|.|4|-cmd|x", "6|.|.|.|5|a\x00b",
				"7|.|.|.|6|\u202eabc", "8|.|.|.|7|hi 🙂", "9|.|.|.|8|-", "10|.|.|.|9|@x", "11|.|.|.|10|l’été"},
			[]string{"formula_text||2|what", "formula_text||5|what", "control_characters||6|what", "unusual_text||7|what", "unusual_text||8|what", "formula_text||10|what"}},
		{"a letter is text", "nil.txt", "Invented Co-op\n2025-26Q3: nil, nothing to report, thanks\n", tributary.Hint{}, "text",
			[]string{"1|.|.|.|Invented Co-op", "2|.|.|.|2025-26Q3: nil, nothing to report, thanks"}, nil},
		{"a letter with commas is text", "nil.txt", "Dear colleagues, all\nnothing to report, sadly\n", tributary.Hint{}, "text",
			[]string{"1|.|.|.|Dear colleagues, all", "2|.|.|.|nothing to report, sadly"}, nil},
		{"more titles than rows", "a.csv", "Invented Agency\nClients\nMade for a test\nid;name;town\n1;A;X\n", tributary.Hint{}, "delimited",
			[]string{"1|.|.|.|Invented Agency|.|.", "2|.|.|.|Clients|.|.", "3|.|.|.|Made for a test|.|.", "4|.|.|.|id|name|town", "5|.|.|.|1|A|X"}, nil},
		{"hints win", "a.txt", "a:b\nc:d\n", tributary.Hint{Delimiter: ":", Encoding: "latin1"}, "delimited",
			[]string{"1|.|.|.|a|b", "2|.|.|.|c|d"}, nil},
		{"fixed width", "a.txt", "001Ann  Kingston\n002Zoé  Napanee\n003Bo\n", tributary.Hint{Widths: []int{3, 5, 8}, FieldNames: []string{"id", "name", "town"}}, "fixed",
			[]string{"1|.|.|.|001|Ann|Kingston", "2|.|.|.|002|Zoé|Napanee", "3|.|short|.|003|Bo|."}, []string{"row_short||3|"}},
		{"fixed without widths", "a.txt", "001 Ann\n002 Bo\n", tributary.Hint{Format: "fixed"}, "fixed", []string{"1|.|.|.|001 Ann", "2|.|.|.|002 Bo"}, nil},
		{"empty", "a.csv", "", tributary.Hint{}, "delimited", nil, []string{"file_empty||0|"}},
		{"blank", "a.csv", "\xef\xbb\xbf \r\n\r\n", tributary.Hint{}, "delimited", nil, []string{"file_empty||0|"}},
		{"JSON without records", "a.json", "[]", tributary.Hint{}, "json", nil, []string{"file_empty||0|"}},
		{"old workbook", "a.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on", tributary.Hint{}, "xls", nil, []string{"file_unreadable||0|"}},
		{"web page named a workbook", "a.xls", "<html><table></table></html>", tributary.Hint{}, "markup", nil, []string{"file_unreadable||0|"}},
		{"unknown bytes", "a.bin", "\x01\x02\x03\x04\x05\x06\x07\x08", tributary.Hint{}, "unknown", nil, []string{"file_unreadable||0|"}},
		{"cut workbook", "a.xlsx", "PK\x03\x04 the rest is gone", tributary.Hint{}, "xlsx", nil, []string{"file_unreadable||0|"}},
		{"cut parquet", "a.parquet", "PAR1 the rest is gone", tributary.Hint{}, "parquet", nil, []string{"file_unreadable||0|"}},
		{"cut zip", "a.zip", "PK\x03\x04 the rest is gone", tributary.Hint{}, "zip", nil, []string{"file_unreadable||0|"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, into := readBytes(t, tt.file, tt.content, tt.hint)
			if f.Format != tt.format {
				t.Errorf("format: got %s, want %s", f.Format, tt.format)
			}
			if diff := cmp.Diff(said(f), tt.said); diff != "" {
				t.Errorf("findings (-got +want):\n%s", diff)
			}
			var got []string
			for _, s := range f.Sheets {
				got = append(got, rows(t, filepath.Join(into, s.Parquet))...)
			}
			if diff := cmp.Diff(got, tt.rows); diff != "" {
				t.Errorf("rows (-got +want):\n%s", diff)
			}
			blocks := strings.HasPrefix(strings.Join(tt.said, ""), "file_empty") || strings.HasPrefix(strings.Join(tt.said, ""), "file_unreadable")
			if f.Held != blocks {
				t.Errorf("held: got %v, want %v", f.Held, blocks)
			}
		})
	}
}

// Records that lie across the borders of chunks, and long ones, come out whole.
func TestRead_recordsAcrossChunks(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("id,name,text\n")
	long := strings.Repeat("é", 40000)
	want := 1
	for i := 0; b.Len() < 2*chunkBytes+chunkBytes/2; i++ {
		if i%1000 == 7 {
			fmt.Fprintf(&b, "%d,\"N, %d\",\"%s\"\n", i, i, long)
		} else {
			fmt.Fprintf(&b, "%d,\"N, %d\",plain é\r\n", i, i)
		}
		want++
	}
	f, into := readBytes(t, "a.csv", b.String(), tributary.Hint{})
	var n, wrong int
	query := fmt.Sprintf(`select count(*), count(*) filter (_row > 1 and (c2 is distinct from 'N, ' || c1 or c1 <> (_row - 2)::varchar
		or length(c3) not in (7, 40000) or _fault is not null)) from '%s'`, filepath.Join(into, f.Sheets[0].Parquet))
	if err := engine().QueryRow(query).Scan(&n, &wrong); err != nil {
		t.Fatal(err)
	}
	if n != want || wrong != 0 || int(f.Sheets[0].Rows) != want {
		t.Errorf("got %d rows of which %d wrong, sheet says %d; want %d", n, wrong, f.Sheets[0].Rows, want)
	}
}

// A file that is wrong everywhere says so once per thousand and one times.
func TestRead_findingsAreCapped(t *testing.T) {
	t.Parallel()
	f, _ := readBytes(t, "a.csv", "id,what\n"+strings.Repeat("1,=x\n", 1500), tributary.Hint{})
	if n := len(f.Findings); n != findingsPerCheck+1 {
		t.Fatalf("got %d findings", n)
	}
	if got := f.Findings[findingsPerCheck].Detail; got != "and 500 more" {
		t.Errorf("last finding: got %q", got)
	}
}
