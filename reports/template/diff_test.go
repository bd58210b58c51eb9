package template

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tributary"
	"tributary/examples/demo"
	"tributary/pipelines/config"
)

// next is the form as the ministry gives it out a year later.
func next(t *testing.T, blank []byte) []byte {
	t.Helper()
	f := reopen(t, blank)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(f.SetSheetName("By municipality", "Places"))
	must(f.InsertRows("Return", 12, 1)) // all that follows moves down
	style, err := f.GetCellStyle("Return", "D14")
	must(err)
	must(f.SetCellStyle("Return", "D12", "G12", style))
	must(f.SetCellValue("Return", "B12", "Intakes completed"))
	must(f.SetCellValue("Return", "B13", "Unique families served")) // other words
	must(f.SetCellValue("Return", "B18", "Community meals"))        // Plans developed is gone
	must(f.SetCellFormula("Variance", "C4", "Return!G6"))           // what was typed is worked out
	b, err := f.WriteToBuffer()
	must(err)
	return b.Bytes()
}

func decoded(t *testing.T, text string) Map {
	t.Helper()
	var m Map
	if err := config.Decode("templates/x.yaml", []byte(text), &m); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return m
}

func TestDiff(t *testing.T) {
	t.Parallel()
	blank := form0(t, "en")
	p := learned(t, blank, Options{Answers: demo.FormAnswers()})
	// The analyst has been at it: a remark beside a line, a line in another style, a fill of her own.
	text := p.Text()
	text = strings.Replace(text, "fill: csp_referrals@Q1}\n", "fill: csp_referrals@Q1} # agreed with the region, at: D6\n", 1)
	text = strings.Replace(text, `      - {at: E13, row: "Children and youth served (unduplicated) | number", column: "Results by quarter > Q2 (July to September)", fill: csp_children_served@Q2}`,
		"      - at: E13   # by hand\n        # the second quarter\n        row: 'Children and youth served (unduplicated) | number'\n        column: \"Results by quarter > Q2 (July to September)\"\n        fill: csp_children_served@Q2", 1)
	m := decoded(t, text)
	if diff := cmp.Diff(101-5, len(slices.Concat(m.Sheets[0].Cells, m.Sheets[1].Cells, m.Sheets[2].Cells, m.Sheets[3].Cells))); diff != "" {
		t.Fatal(diff)
	}
	fresh := next(t, blank)
	from, _ := tributary.ParseQuarter("2026-27Q1")
	o := Options{Name: "form-2.xlsx", From: from}
	changes, err := Diff(blank, m, fresh, release(t), o)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, c := range changes {
		if c.Kind == "same" || strings.HasPrefix(c.WasSheet, "By") {
			continue
		}
		got[c.Kind] = append(got[c.Kind], strings.TrimSpace(fmt.Sprintf("%s %s %s", c.Was.At, c.Is.At, c.State)))
	}
	want := map[string][]string{
		"moved": {"D13 D14", "E13 E14", "F13 F14", "G13 G14", "H13 H14", "D14 D15", "E14 E15", "F14 F15", "G14 G15", "D18 D19", "E18 E19", "F18 F19", "G18 G19", "D19 D20", "E19 E20", "F19 F20", "G19 G20", "H19 H20",
			"D20 D21", "E20 E21", "F20 F21", "G20 G21", "H20 H21", "D21 D22", "E21 E22", "F21 F22", "G21 G22", "H21 H22", "D22 D23", "E22 E23", "F22 F23", "G22 G23"},
		"reworded": {"D12 D13", "E12 E13", "F12 F13", "G12 G13", "H12 H13"},
		"vanished": {"D17", "E17", "F17", "G17"},
		"refused":  {"C4 C4"},
		"new":      {"D12 sure", "E12 sure", "F12 sure", "G12 sure", "D18 unmatched", "E18 unmatched", "F18 unmatched", "G18 unmatched"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	after := Amend(text, m, changes, o, fresh, "form")
	n := decoded(t, after)
	if n.Replaces != "form" || n.From != from || n.Workbook != "form-2.xlsx" || n.SHA256 != hashOf(fresh) {
		t.Errorf("got the head %+v", n)
	}
	// Nothing that she wrote is lost: each old line is there, as it was, or with another place or label, or as a comment.
	for _, line := range []string{"# agreed with the region, at: D6", "# by hand", "# the second quarter"} {
		if !strings.Contains(after, line) {
			t.Errorf("%q is lost", line)
		}
	}
	for _, line := range strings.Split(text, "\n") {
		if strings.Contains(line, "#") && !strings.Contains(line, "- {") && !strings.Contains(line, "- at:") && !strings.Contains(after, line) {
			t.Errorf("the comment %q is lost", line)
		}
	}
	if !strings.Contains(after, `# - {at: D17, row: "Plans developed | number"`) || !strings.Contains(after, "# not in form-2.xlsx:") {
		t.Error("what vanished is no comment")
	}
	// The new map fills the new form: every cell that is left is found, none is refused.
	var out bytes.Buffer
	done, err := Write(fresh, n, release(t), &out)
	if err != nil {
		t.Fatal(err)
	}
	values := get(t, reopen(t, out.Bytes()), "Return!D6", "Return!D12", "Return!D13", "Return!E14", "Places!B4", "Variance!C4")
	if diff := cmp.Diff(map[string]string{"Return!D6": "10", "Return!D12": "60", "Return!D13": "20", "Return!E14": "31", "Places!B4": "2", "Variance!C4": ""}, values); diff != "" {
		t.Errorf("(-want +got), %d numbers:\n%s", len(done.Numbers), diff)
	}
	// The same form again: nothing to change, and the text stays but for its head.
	same, err := Diff(fresh, n, fresh, release(t), o)
	if err != nil {
		t.Fatal(err)
	}
	if again := Amend(after, n, same, o, fresh, "form"); again != after {
		t.Errorf("(-want +got):\n%s", cmp.Diff(after, again))
	}
}
