package pipelines

import (
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tributary/pipelines/mapping"
	"tributary/pipelines/model"
	"tributary/reports/forms"
)

// SettingLine is one word of tributary.yaml as it stands there, or a rule that stands nowhere and has its default.
type SettingLine struct {
	// Name is the way to it, as in serve.schedule; Meaning the comment beside it.
	Name, Value, Meaning string
	// Line is where it stands; 0 is a default of the program.
	Line int
}

// settingLine is a word, its value and the comment after it.
var settingLine = regexp.MustCompile(`^(\s*(?:- )?)(\w+):\s*(.*?)(?:\s+#\s*(.*))?$`)

// inBraces is one rule of settings: {small_below: 5, age_limit: 18}.
var inBraces = regexp.MustCompile(`(\w+):\s*([\d.]+)`)

// SettingLines reads tributary.yaml line by line: what stands where. Values in braces are shown as they are written;
// secrets are never in it, only references to them.
func (w *Workspace) SettingLines() ([]SettingLine, error) {
	data, err := os.ReadFile(w.Path("tributary.yaml"))
	if err != nil {
		return nil, err
	}
	type level struct {
		indent int
		name   string
	}
	var way []level
	var out []SettingLine
	set := map[string]bool{}
	for i, line := range strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n") {
		m := settingLine.FindStringSubmatch(line)
		if m == nil || strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for len(way) > 0 && way[len(way)-1].indent >= len(m[1]) {
			way = way[:len(way)-1]
		}
		way = append(way, level{len(m[1]), m[2]})
		if m[3] == "" {
			continue
		}
		var names []string
		for _, l := range way {
			names = append(names, l.name)
		}
		if m[2] == "settings" && len(way) == 1 {
			for _, rule := range inBraces.FindAllStringSubmatch(m[3], -1) {
				set["settings."+rule[1]] = true
				out = append(out, SettingLine{Name: "settings." + rule[1], Value: rule[2], Line: i + 1})
			}
			continue
		}
		s := SettingLine{Name: strings.Join(names, "."), Value: m[3], Meaning: m[4], Line: i + 1}
		set[s.Name] = true
		out = append(out, s)
	}
	for _, n := range slices.Sorted(maps.Keys(settingDefaults)) {
		if name := "settings." + n; !set[name] {
			out = append(out, SettingLine{Name: name, Value: strconv.FormatFloat(settingDefaults[n], 'f', -1, 64)})
		}
	}
	return out, nil
}

// sourceKind is the word after kind: of a source.
var sourceKind = regexp.MustCompile(`(?m)\bkind:\s*"?(\w+)`)

// SourceKind says by what kind of source an agency's files come; empty is by hand.
func SourceKind(a *mapping.Agency) string {
	if a.Source == nil {
		return ""
	}
	if m := sourceKind.FindStringSubmatch(a.Source.String()); m != nil {
		return m[1]
	}
	return "files"
}

// MappingText is the agency's file as it is written, and its name.
func (w *Workspace) MappingText(a *mapping.Agency) (file, text string, err error) {
	file = "agencies/" + a.Code + ".yaml"
	data, err := fs.ReadFile(model.Overlay(forms.Mapping, os.DirFS(w.Dir)), file)
	return file, string(data), err
}
