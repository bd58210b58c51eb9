package sheet_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"tributary/reports/sheet"
)

func chart(t *testing.T) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i := range 4 {
		name := "Sheet" + string(rune('1'+i))
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		if err := f.SetSheetRow(name, "A1", &[]any{1, 2, 3}); err != nil {
			t.Fatal(err)
		}
		if err := f.AddChart(name, "A3", &excelize.Chart{Type: excelize.Line,
			Series: []excelize.ChartSeries{{Values: name + "!$A$1:$C$1"}}}); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := sheet.Pack(f, &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPack_equalContentGivesEqualBytes(t *testing.T) {
	t.Parallel()
	first := chart(t)
	for range 8 {
		if !bytes.Equal(chart(t), first) {
			t.Fatal("two workbooks with charts and the same content differ")
		}
	}
	f, err := excelize.OpenReader(bytes.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got, _ := f.GetCellValue("Sheet4", "C1"); got != "3" {
		t.Errorf("Sheet4!C1 after packing is %q, want 3", got)
	}
}

func TestText_keepsWhatXMLCanHold(t *testing.T) {
	t.Parallel()
	got := sheet.Text("a\x00b\x0bc\nd\té\xff")
	if diff := cmp.Diff("abc\nd\té\uFFFD", got); diff != "" {
		t.Error(diff)
	}
	if n := len([]rune(sheet.Text(strings.Repeat("x", 40000)))); n != 32767 {
		t.Errorf("long text kept %d characters, want 32767", n)
	}
}

func TestFooter_ampersandIsNoCode(t *testing.T) {
	t.Parallel()
	if got := sheet.Footer("Hill & Dale &P"); got != "Hill && Dale &&P" {
		t.Errorf("got %q", got)
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		width float64
		want  int
	}{
		{"", 10, 1},
		{"short", 20, 1},
		{"one\ntwo", 20, 2},
		{"several words that need more than one line", 16, 3},
		{strings.Repeat("n", 30), 16, 3},
	} {
		if got := sheet.Lines(c.text, c.width, 1); got != c.want {
			t.Errorf("Lines(%q, %v) = %d, want %d", c.text, c.width, got, c.want)
		}
	}
	if sheet.Lines("several words that need room", 30, 2) <= sheet.Lines("several words that need room", 30, 1) {
		t.Error("a larger font does not need more lines")
	}
}
