package sheet

import "testing"

func TestSay_agrees(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		french bool
		text   string
		args   []any
		want   string
	}{
		{false, "%d {agency|agencies}, without %s", []any{1, "ELM"}, "1 agency, without ELM"},
		{false, "%d {agency|agencies}, without %s", []any{2, "ELM"}, "2 agencies, without ELM"},
		{false, "%d {day|days}", []any{int64(0)}, "0 days"},
		{false, "%s {row|rows}", []any{"1,281"}, "1,281 rows"},
		{false, "%s {day|days}", []any{"1.5"}, "1.5 days"},
		{true, "%d {jour|jours}", []any{0}, "0 jour"},
		{true, "%s {jour|jours}", []any{"1,5"}, "1,5 jour"},
		{true, "%s {ligne|lignes}", []any{"1\u00a0281"}, "1\u00a0281 lignes"},
		{true, "%d {organisme|organismes} sur %d {n'a|n'ont} rien", []any{1, 3}, "1 organisme sur 3 n'ont rien"},
		{false, "%[2]d of %[1]d {file|files}", []any{1, 4}, "4 of 1 file"},
		{false, "%s {one|many}", []any{"{x|y}"}, "{x|y} many"},
		{false, "none", nil, "none"},
	} {
		if got := Say(c.french, c.text, c.args...); got != c.want {
			t.Errorf("Say(%v, %q, %v) = %q, want %q", c.french, c.text, c.args, got, c.want)
		}
	}
}
