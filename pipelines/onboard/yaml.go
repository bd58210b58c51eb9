package onboard

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// YAML writes the proposal as the text of agencies/<code>.yaml, with the evidence behind each line.
func (p *Proposal) YAML() string {
	said := func(key, otherwise string) string { return cmp.Or(p.input.Answers[key], otherwise) }
	var b strings.Builder
	b.WriteString("# Proposed by tributary onboard. Read each line; what follows # is the evidence for it.\n")
	for _, n := range p.names() {
		fmt.Fprintf(&b, "# From %s\n", tidy(n))
	}
	fmt.Fprintf(&b, "code: %s\nname: %s\n", quote(p.Agency, false), quote(said("name", p.Agency), false))
	if fr := said("name_fr", ""); fr != "" {
		fmt.Fprintf(&b, "name_fr: %s\n", quote(fr, false))
	}
	fmt.Fprintf(&b, "role: %s\ncategory: %s\nlanguage: %s\n", said("role", "participant"), said("category", "other"), said("language", "en"))
	if p.input.Answers["linking.without_consent"] == "" || p.input.Answers["linking.authority"] == "" {
		b.WriteString("# May its clients be linked? The agreement says; there is no default, and the file does not load without:\n" +
			"# linking: {without_consent: count_only | separate | exclude, authority: \"clause ...\", scopes: [all_partners]}\n")
	} else {
		scopes := said("linking.scopes", "all_partners")
		if scopes != "any" {
			scopes = "[" + scopes + "]"
		}
		fmt.Fprintf(&b, "linking: {without_consent: %s, authority: %s, scopes: %s}\n", said("linking.without_consent", ""), quote(said("linking.authority", ""), true), scopes)
	}
	switch {
	case p.input.Source != "":
		fmt.Fprintf(&b, "source: {kind: files, path: %s}\n", quote(p.input.Source, true))
	default:
		b.WriteString("# No source: its files come by hand, with tributary receive.\n")
	}
	if p.DateOrder != "" {
		fmt.Fprintf(&b, "date_order: %s  # %s\n", p.DateOrder, p.OrderWhy)
	} else {
		fmt.Fprintf(&b, "# date_order: %s\n", p.OrderWhy)
	}
	b.WriteString("files:\n" + p.FilesYAML("  ") + "tables:\n" + p.TablesYAML("  "))
	return b.String()
}

func (p *Proposal) names() []string {
	var out []string
	for _, f := range p.Files {
		out = append(out, f.Names[len(f.Names)-1])
	}
	return out
}

// FilesYAML writes the entries under files:.
func (p *Proposal) FilesYAML(indent string) string {
	var b strings.Builder
	for _, f := range p.Files {
		detected := slices.DeleteFunc([]string{f.Format, f.Encoding, f.Delimiter}, func(s string) bool { return s == "" })
		fmt.Fprintf(&b, "%s%s:  # %s\n", indent, f.Key, strings.Join(detected, ", "))
		fmt.Fprintf(&b, "%s  name: %s\n%[1]s  kind: %[3]s\n", indent, quote(f.Pattern, false), f.Kind)
		if len(f.Widths) > 0 {
			fmt.Fprintf(&b, "%s  format: fixed\n%[1]s  widths: [%s]\n", indent, strings.Trim(strings.Join(strings.Fields(fmt.Sprint(f.Widths)), ", "), "[]"))
		}
		if rows := p.headings(f); !slices.Equal(rows, []int{1}) && len(rows) > 0 {
			fmt.Fprintf(&b, "%s  headings: %s\n", indent, list(rows))
		}
		if f.QuarterCheck != "" {
			fmt.Fprintf(&b, "%s  quarter_check: {column: %s}\n", indent, quote(f.QuarterCheck, true))
		}
		if len(f.IgnoreSheets) > 0 {
			fmt.Fprintf(&b, "%s  ignore_sheets: %s\n", indent, quotes(f.IgnoreSheets))
		}
		if len(f.Ignore) > 0 {
			fmt.Fprintf(&b, "%s  ignore: %s\n", indent, quotes(unique(f.Ignore)))
		}
	}
	return b.String()
}

// headings are the heading rows that most tables of a file have.
func (p *Proposal) headings(f *File) []int {
	for _, t := range p.Tables {
		if t.File == f.Key {
			return t.Headings
		}
	}
	return nil
}

func list(rows []int) string { return strings.Join(strings.Fields(fmt.Sprint(rows)), ", ") }

func unique(items []string) []string {
	var out []string
	for _, i := range items {
		if !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	return out
}

// TablesYAML writes the entries under tables:.
func (p *Proposal) TablesYAML(indent string) string {
	var b strings.Builder
	refused := map[string]bool{}
	for _, t := range p.Tables {
		in := indent + "  "
		fmt.Fprintf(&b, "%s- into: %s\n%sfile: %s\n", indent, t.Into, in, quote(t.File, false))
		if t.Sheet != "" {
			fmt.Fprintf(&b, "%ssheet: %s\n", in, quote(t.Sheet, false))
		}
		var file *File
		for _, f := range p.Files {
			if f.Key == t.File {
				file = f
			}
		}
		rows := t.Headings
		if len(rows) == 0 || slices.Equal(rows, p.headings(file)) {
			rows = nil
		}
		if rows != nil {
			fmt.Fprintf(&b, "%sheadings: %s\n", in, list(rows))
		}
		if t.RowsOf != "" {
			fmt.Fprintf(&b, "%srows: {%s: \"*\"}\n", in, quote(t.RowsOf, true))
		}
		if t.Split != "" {
			fmt.Fprintf(&b, "%ssplit: {column: %s, by: %s}\n", in, quote(t.Split, true), single(piecesBy))
		}
		fmt.Fprintf(&b, "%scolumns:\n", in)
		for _, c := range t.Columns {
			b.WriteString(c.yaml(in + "  "))
		}
		if len(t.Each) > 0 {
			fmt.Fprintf(&b, "%seach:\n", in)
			for _, columns := range t.Each {
				for i, c := range columns {
					lead := in + "    "
					text := c.yaml(lead)
					if i == 0 {
						text = in + "  - " + strings.TrimPrefix(text, lead)
					}
					b.WriteString(text)
				}
			}
		}
		if key := t.File + "\n" + t.Sheet; !refused[key] {
			refused[key] = true
			if r := file.Refuse[t.Sheet]; len(r) > 0 {
				fmt.Fprintf(&b, "%srefuse: %s  # may not be held: removed while reading\n", in, quotes(unique(r)))
			}
		}
	}
	return b.String()
}

// yaml writes one column: on one line where it fits, else a code a line.
func (c Column) yaml(indent string) string {
	why := ""
	if c.Why != "" {
		why = "  # " + c.Why
	}
	var words []string
	if c.From != "" {
		words = append(words, "from: "+quote(c.From, true))
	}
	switch {
	case c.Value != "":
		words = append(words, "value: "+quote(c.Value, true))
	case len(c.Section) > 0:
		words = append(words, "section: "+codes(c.Section))
	}
	if c.Take != "" {
		words = append(words, "take: "+single(c.Take))
	}
	if c.When != nil {
		words = append(words, fmt.Sprintf("when: {%s: %s}", quote(c.When.Theirs, true), quote(c.When.Ours, true)))
	}
	if c.IfBlank != "" {
		words = append(words, "if_blank: "+c.IfBlank)
	}
	unknown := ""
	if len(c.Unknown) > 0 {
		unknown = fmt.Sprintf("%s# not known: %s; give each its code above, as in codes: {%s: ...}\n", indent, quotes(c.Unknown), quote(c.Unknown[0], true))
	}
	if len(words) == 1 && c.From != "" && len(c.Codes) == 0 {
		return fmt.Sprintf("%s%s: %s%s\n%s", indent, c.Column, quote(c.From, false), why, unknown)
	}
	line := strings.Join(words, ", ")
	if len(c.Codes) > 0 {
		line += ", codes: " + codes(c.Codes)
	}
	if line = fmt.Sprintf("%s%s: {%s}", indent, c.Column, line); len(line) <= 110 || len(c.Codes) == 0 {
		return line + why + "\n" + unknown
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s:%s\n", indent, c.Column, why)
	for _, w := range words {
		fmt.Fprintf(&b, "%s  %s\n", indent, w)
	}
	fmt.Fprintf(&b, "%s  codes:\n", indent)
	for _, x := range c.Codes {
		fmt.Fprintf(&b, "%s    %s: %s\n", indent, quote(x.Theirs, true), quote(x.Ours, true))
	}
	return b.String() + unknown
}

func codes(list []Code) string {
	var out []string
	for _, c := range list {
		out = append(out, quote(c.Theirs, true)+": "+quote(c.Ours, true))
	}
	return "{" + strings.Join(out, ", ") + "}"
}

func quotes(items []string) string {
	var out []string
	for _, i := range items {
		out = append(out, quote(i, true))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

var (
	// plainWord needs no quotation marks; a word that YAML may take for something else does.
	plainWord = regexp.MustCompile(`^\p{L}[\p{L}\p{Mn}\d _/().'’+-]*$`)
	loaded    = regexp.MustCompile(`^(?i:y|yes|n|no|true|false|on|off|null|nan)$`)
)

// quote writes a word as YAML, within { } or [ ] when inside.
func quote(s string, inside bool) string {
	if plainWord.MatchString(s) && !loaded.MatchString(s) && strings.TrimSpace(s) == s || !inside && regexp.MustCompile(`^\p{L}[\p{L}\d _{}*.-]*$`).MatchString(s) && !loaded.MatchString(s) {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(s) + `"`
}

// single quotes a pattern, in which backslashes stay as they are.
func single(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Trial is the text with a linking rule that links nothing, for a preview before anybody answered.
func (p *Proposal) Trial() string {
	trial := *p
	trial.input.Answers = maps.Clone(p.input.Answers)
	if trial.input.Answers == nil {
		trial.input.Answers = map[string]string{}
	}
	for key, value := range map[string]string{"linking.without_consent": "exclude", "linking.authority": "not answered yet"} {
		if trial.input.Answers[key] == "" {
			trial.input.Answers[key] = value
		}
	}
	return trial.YAML()
}
