package pipelines

import (
	"slices"
	"strings"
	"testing"

	"tributary"
	"tributary/pipelines/link"
)

func TestCellNames(t *testing.T) {
	t.Parallel()
	q, err := tributary.ParseQuarter("2025-26Q2")
	if err != nil {
		t.Fatal(err)
	}
	got := cellNames(q, 1<<0|1<<5, 1<<1)
	want := []string{"children_known@2025-26Q1", "children_known@2025-26Q2/ytd", "families_known@2025-26Q2"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestPopulation_joined: two children of two families meet in one quarter; a third is of the first's family.
func TestPopulation_joined(t *testing.T) {
	t.Parallel()
	p := &population{child: []int32{0, 1, 2, 3, 1}, family: []int32{0, 1, 2, 1, 1}, ofChild: map[int32]cells{1: 0b0111, 2: 0b0010, 3: 0b0001}, ofFam: map[int32]cells{1: 0b0111, 2: 0b0011}}
	for _, x := range []struct {
		name               string
		l, r               int32
		children, families cells
	}{
		{"two families", 1, 2, 0b0010, 0b0011},
		{"one family", 1, 3, 0b0001, 0},
		{"one child", 1, 4, 0, 0},
	} {
		if children, families := p.joined(x.l, x.r); children != x.children || families != x.families {
			t.Errorf("%s: got %04b and %04b, want %04b and %04b", x.name, children, families, x.children, x.families)
		}
	}
}

func TestReadTruth(t *testing.T) {
	t.Parallel()
	got, err := readTruth(strings.NewReader("\uFEFFagency,client_local_id,child_id,family_id,origin\nA,1,c1,f1,west\nB,2,c1,f1,east\n"))
	if err != nil {
		t.Fatal(err)
	}
	a := link.Anchor{Agency: "B", Client: "2"}
	if got.child[a] != "c1" || got.family[a] != "f1" || !slices.Equal(got.of[a], []string{"east"}) || !slices.Equal(got.groups, []string{"origin"}) {
		t.Errorf("got %+v", got)
	}
	for name, text := range map[string]string{"nothing": "", "no child": "agency,client_local_id\nA,1\n", "ragged": "agency,client_local_id,child_id\nA,1\n"} {
		if _, err := readTruth(strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), "truth:") {
			t.Errorf("%s: got %v, want a fault of the truth", name, err)
		}
	}
}
