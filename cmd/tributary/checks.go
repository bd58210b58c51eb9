package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
	"tributary/pipelines/config"
	"tributary/reports/catalogue"
)

func (p *program) checks() *cobra.Command {
	c := &cobra.Command{
		Use:     "checks",
		Short:   "The published catalogue of checks",
		Example: "  tributary checks\n  tributary checks explain end_before_start\n  tributary checks export checks.md",
		Args:    cobra.NoArgs,
	}
	c.RunE = func(*cobra.Command, []string) error {
		list, err := catalogued()
		if err != nil {
			return err
		}
		return p.answer(list, func(out io.Writer) {
			rows := [][]string{{"CHECK", "CLASS", "SEVERITY", "WHAT IT SAYS"}}
			for _, k := range list {
				rows = append(rows, []string{k.ID, k.Class, strings.ReplaceAll(k.Severity, "_", " "), k.Name})
			}
			table(out, rows)
		})
	}
	c.AddCommand(p.checksExplain(), p.checksExport())
	return c
}

// checkView is a check as machines read it.
type checkView struct {
	ID       string `json:"check"`
	Class    string `json:"class"`
	Severity string `json:"severity"`
	Name     string `json:"name"`
	NameFR   string `json:"name_fr"`
	Fix      string `json:"fix"`
	FixFR    string `json:"fix_fr"`
	Basis    string `json:"basis"`
	Applies  string `json:"applies"`
	SQL      string `json:"sql,omitempty"`
	Cases    string `json:"cases,omitempty"`
}

// catalogued is the catalogue without its SQL and cases.
func catalogued() ([]checkView, error) {
	list, err := pipelines.Checks()
	if err != nil {
		return nil, err
	}
	views := make([]checkView, len(list))
	for i, k := range list {
		views[i] = checkView{ID: k.ID, Class: k.Class, Severity: k.Severity, Name: k.Name, NameFR: k.NameFR, Fix: k.Fix, FixFR: k.FixFR,
			Basis: k.Basis, Applies: k.Applies}
	}
	return views, nil
}

func (p *program) checksExplain() *cobra.Command {
	c := &cobra.Command{
		Use:     "explain CHECK",
		Short:   "What a check says, in English and French, what it rests on, its SQL and its cases",
		Example: "  tributary checks explain end_before_start",
		Args:    cobra.ExactArgs(1),
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		list, err := pipelines.Checks()
		if err != nil {
			return err
		}
		views, err := catalogued()
		if err != nil {
			return err
		}
		at := slices.IndexFunc(list, func(k pipelines.Check) bool { return k.ID == args[0] })
		if at < 0 {
			ids := make([]string, len(list))
			for i, k := range list {
				ids[i] = k.ID
			}
			fix := "see: tributary checks"
			if meant := config.Guess(args[0], ids); meant != "" {
				fix = "did you mean " + meant + "?"
			}
			return exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("there is no check %q", args[0]), fix))
		}
		v := views[at]
		v.SQL, v.Cases = list[at].SQL, list[at].Cases
		return p.answer(v, func(out io.Writer) {
			table(out, [][]string{
				{v.ID, v.Class + ", " + strings.ReplaceAll(v.Severity, "_", " ")},
				{"says", v.Name}, {"", v.NameFR}, {"fix", v.Fix}, {"", v.FixFR}, {"basis", v.Basis}, {"looks at", v.Applies},
			})
			if v.SQL != "" {
				fmt.Fprintf(out, "\n%s\n\n%s", strings.TrimSpace(v.SQL), v.Cases)
			} else {
				fmt.Fprintln(out, "\nthe program raises it itself while it reads and maps")
			}
		})
	}
	return c
}

func (p *program) checksExport() *cobra.Command {
	return &cobra.Command{
		Use:     "export FILE.md|FILE.xlsx",
		Short:   "Write the catalogue in English and French, to hand to providers",
		Example: "  tributary checks export checks.md\n  tributary checks export checks.xlsx",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			list, err := catalogued()
			if err != nil {
				return err
			}
			var text bytes.Buffer
			switch strings.ToLower(filepath.Ext(args[0])) {
			case ".md":
				writeCatalogue(&text, list)
			case ".xlsx":
				if err := writeCatalogueSheet(&text, list); err != nil {
					return err
				}
			default:
				return exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("checks export: %q is of no kind that can be written", filepath.Base(args[0])), "name a file that ends in .md or .xlsx"))
			}
			if err := writeNew(args[0], text.Bytes()); err != nil {
				return err
			}
			return p.answer(map[string]any{"file": args[0], "checks": len(list)}, func(out io.Writer) {
				fmt.Fprintf(out, "%d checks written: %s\n", len(list), args[0])
			})
		},
	}
}

// writeNew writes a file that is not there yet: what people may have edited is never overwritten.
func writeNew(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("%s is there already", filepath.Base(path)), "name another file, or remove that one first"))
	}
	if err != nil {
		return tributary.Fix(err, "name a file in a folder that is there and that you may write to")
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// checkClasses are the classes in the order of the catalogue, in both languages.
var checkClasses = []struct{ id, en, fr string }{
	{"file", "A file as it came", "Un fichier tel que reçu"},
	{"row", "One row", "Une ligne"},
	{"case", "All rows of one client or family", "Toutes les lignes d'un client ou d'une famille"},
	{"section", "A whole table of a delivery", "Une table entière d'une livraison"},
	{"history", "A delivery and the one before", "Une livraison et la précédente"},
}

var severityWords = map[string][2]string{
	"blocks": {"blocks", "bloque"}, "sets_aside": {"sets aside", "met de côté"},
	"please_confirm": {"please confirm", "à confirmer"}, "note": {"note", "note"},
}

// writeCatalogue writes the checks as Markdown, class by class, English above French.
func writeCatalogue(out io.Writer, list []checkView) {
	fmt.Fprintln(out, "# Checks / Vérifications")
	escape := strings.NewReplacer("|", "\\|", "\n", " ")
	for _, class := range checkClasses {
		fmt.Fprintf(out, "\n## %s / %s\n\n", class.en, class.fr)
		fmt.Fprintln(out, "| Check / Vérification | Severity / Gravité | What it says / Ce qu'elle dit | What to do / Que faire | Where it looks | Basis / Fondement |")
		fmt.Fprintln(out, "|---|---|---|---|---|---|")
		for _, k := range list {
			if k.Class != class.id {
				continue
			}
			severity := severityWords[k.Severity]
			fmt.Fprintf(out, "| `%s` | %s / %s | %s<br>%s | %s<br>%s | %s | %s |\n", k.ID, severity[0], severity[1],
				escape.Replace(k.Name), escape.Replace(k.NameFR), escape.Replace(k.Fix), escape.Replace(k.FixFR), escape.Replace(k.Applies), escape.Replace(k.Basis))
		}
	}
}

// writeCatalogueSheet writes the checks as a workbook, one row each, class by class.
func writeCatalogueSheet(out io.Writer, list []checkView) error {
	columns := []catalogue.Column{{EN: "Check", FR: "Vérification", Width: 26}, {EN: "Class", FR: "Genre", Width: 22}, {EN: "Severity", FR: "Gravité", Width: 16},
		{EN: "What it says", FR: "What it says", Width: 32}, {EN: "Ce qu'elle dit", FR: "Ce qu'elle dit", Width: 32},
		{EN: "What to do", FR: "What to do", Width: 40}, {EN: "Que faire", FR: "Que faire", Width: 40},
		{EN: "Where it looks", FR: "Portée", Width: 32}, {EN: "Basis", FR: "Fondement", Width: 32}}
	var rows [][]string
	for _, class := range checkClasses {
		for _, k := range list {
			if k.Class == class.id {
				severity := severityWords[k.Severity]
				rows = append(rows, []string{k.ID, class.en + "\n" + class.fr, severity[0] + "\n" + severity[1], k.Name, k.NameFR, k.Fix, k.FixFR, k.Applies, k.Basis})
			}
		}
	}
	return catalogue.Write(out, columns, rows)
}
