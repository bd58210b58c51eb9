package catalogue

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

func TestWrite(t *testing.T) {
	t.Parallel()
	columns := []Column{{"Check", "Vérification", 20}, {"What it says", "Ce qu'elle dit", 30}}
	rows := [][]string{{"a", "=1+1"}, {"b", "Né après l'ouverture du dossier, et bien plus encore pour que le texte passe à la ligne"}}
	var first, again bytes.Buffer
	for _, w := range []*bytes.Buffer{&first, &again} {
		if err := Write(w, columns, rows); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), again.Bytes()) {
		t.Error("the same words give other bytes")
	}
	f, err := excelize.OpenReader(&first)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := f.GetRows(name)
	if err != nil {
		t.Fatal(err)
	}
	want := append([][]string{{"Check\nVérification", "What it says\nCe qu'elle dit"}}, rows...)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if formula, err := f.GetCellFormula(name, "B2"); formula != "" || err != nil {
		t.Errorf("text became the formula %q, %v", formula, err)
	}
	if height, err := f.GetRowHeight(name, 3); height < 40 || err != nil {
		t.Errorf("the row of a long text is %v high, %v", height, err)
	}
}
