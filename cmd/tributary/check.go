package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
	"tributary/pipelines/mapping"
)

// checking is one call of the verb check.
type checking struct {
	p                                             *program
	agency, quarter, lang, marked, with, kit, out string
}

func (p *program) check() *cobra.Command {
	k := checking{p: p}
	c := &cobra.Command{
		Use:   "check FILE...",
		Short: "What would become of files if they were delivered; nothing is kept",
		Long: `Reads files, or the files of a folder, as a delivery would be read, and says whether they would be accepted,
how many rows would be set aside, and what to mend first. Nothing is kept, landed or published. Earlier
corrections and confirmations take no part, so that the answer is the same on every machine. Exit code 3 says
that something of it would not be used.

An agency checks on its own machine with a kit, without a workspace or a network: check --kit CODE writes it.
A kit holds the agency's own mapping, without source, contacts and passwords, and the names of municipalities.`,
		Example: `  tributary check ~/Downloads/clients.csv --agency FCMH
  tributary check drop/FCMH/2025-26_Q2 --agency FCMH --marked /tmp/answer
  tributary check --kit FCMH --out FCMH-kit.zip
  tributary check clients_2025-26_Q2.csv --with FCMH-kit.zip --lang fr`,
	}
	f := c.Flags()
	f.StringVar(&k.agency, "agency", "", "the agency that would send the files")
	f.StringVar(&k.quarter, "quarter", "", "the quarter that they are for (default: the one that their names say)")
	f.StringVar(&k.lang, "lang", "", "en or fr (default: the agency's language)")
	f.StringVar(&k.marked, "marked", "", "write a letter and marked copies into this folder; they hold personal data")
	f.StringVar(&k.with, "with", "", "a kit, in place of a workspace")
	f.StringVar(&k.kit, "kit", "", "write the kit of this agency")
	f.StringVar(&k.out, "out", "", "where to write the kit (default: out/CODE-kit.zip in the workspace)")
	c.RunE = func(c *cobra.Command, args []string) error {
		wrong := func(what, fix string) error {
			return exitWith(exitAskedWrongly, tributary.Fix(errors.New("check: "+what), fix))
		}
		switch {
		case k.kit != "" && (len(args) > 0 || k.with != "" || k.agency != ""):
			return wrong("--kit writes a kit and checks nothing", "leave the files and the other flags out")
		case k.kit == "" && len(args) == 0:
			return wrong("no file is named", "name the files, or the folder, that would be delivered")
		case k.kit == "" && k.out != "":
			return wrong("--out goes with --kit", "letters and marked copies go where --marked says")
		case k.lang != "" && k.lang != "en" && k.lang != "fr":
			return wrong(fmt.Sprintf("language %q is neither en nor fr", k.lang), "write --lang en or --lang fr")
		case k.kit != "":
			return p.inside(k.writeKit)(c, args)
		case k.with != "":
			return k.byKit(c, args)
		case k.agency == "":
			return wrong("no agency is named", "add --agency CODE, or check with a kit: --with CODE-kit.zip")
		}
		return p.inside(k.files)(c, args)
	}
	return c
}

func (k *checking) writeKit(_ *cobra.Command, w *pipelines.Workspace, _ []string) error {
	a, err := w.Agency(k.kit)
	if err != nil {
		return exitWith(exitAskedWrongly, err)
	}
	var kit bytes.Buffer
	if err := w.Kit(a, &kit); err != nil {
		return err
	}
	path := k.out
	if path == "" {
		path = w.Path("out", a.Code+"-kit.zip")
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		err = os.WriteFile(path, kit.Bytes(), 0o600)
	} else {
		err = writeNew(path, kit.Bytes())
	}
	if err != nil {
		return err
	}
	return k.p.answer(map[string]any{"agency": a.Code, "file": path}, func(out io.Writer) {
		fmt.Fprintf(out, "kit of %s: %s\ncheck with it: tributary check FILE --with %s\n", a.Code, path, filepath.Base(path))
	})
}

// byKit checks in a workspace that is made of the kit and removed afterwards.
func (k *checking) byKit(c *cobra.Command, args []string) (err error) {
	dir, err := os.MkdirTemp("", "tributary-check-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	w, made, err := pipelines.OpenKit(c.Context(), k.with, dir, k.p.options())
	if err != nil {
		return err
	}
	if made != w.Program {
		fmt.Fprintf(k.p.err, "the kit was written by version %s of the program, this is %s; the answer may differ\n", made, w.Program)
	}
	if k.agency == "" {
		k.agency = w.Agencies[0].Code
	}
	return k.files(c, w, args)
}

func (k *checking) files(c *cobra.Command, w *pipelines.Workspace, args []string) (err error) {
	a, err := w.Agency(k.agency)
	if err != nil {
		return exitWith(exitAskedWrongly, err)
	}
	for _, path := range args {
		if _, err := os.Stat(path); err != nil {
			return exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("check: %w", err), "name files that are there and that you may read"))
		}
	}
	q, err := k.ofFiles(c.Context(), args, a)
	if err != nil {
		return exitWith(exitAskedWrongly, err)
	}
	if k.lang == "" {
		k.lang = a.Language
	}
	if k.lang == "" {
		k.lang = w.Settings.Language
	}
	look, err := w.Check(c.Context(), args, a, q, k.lang)
	k.p.endProgress()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, look.Close()) }()
	if k.marked != "" {
		if err := look.WriteAnswer(c.Context(), k.marked); err != nil {
			return err
		}
	}
	if err := k.p.answer(look.Verdict, func(out io.Writer) { printVerdict(out, look.Verdict, k.lang) }); err != nil {
		return err
	}
	if look.IsRefused() {
		return exitWith(exitDataRefused, tributary.Fix(fmt.Errorf("check %s %s: %s", a.Code, q, strings.ReplaceAll(look.State, "_", " ")), "mend what stands first in the list, and check again"))
	}
	return nil
}

// ofFiles is the quarter that was named, else the one that the files' names say, else the answer of a person.
func (k *checking) ofFiles(_ context.Context, args []string, a *mapping.Agency) (tributary.Quarter, error) {
	if k.quarter != "" {
		return tributary.ParseQuarter(k.quarter)
	}
	if q, ok := pipelines.ClaimedQuarter(args, a); ok {
		return q, nil
	}
	if f, ok := k.p.in.(*os.File); ok && isTerminal(f) && !k.p.asJSON {
		fmt.Fprint(k.p.err, checkWords["ask"][at(k.lang)])
		line, err := bufio.NewReader(k.p.in).ReadString('\n')
		if err != nil && line == "" {
			return tributary.Quarter{}, tributary.Fix(errors.New("check: nobody said which quarter the files are for"), "add --quarter, as in --quarter 2025-26Q1")
		}
		return tributary.ParseQuarter(strings.TrimSpace(line))
	}
	return tributary.Quarter{}, tributary.Fix(errors.New("check: the files' names say no quarter, or several"), "say it, as in --quarter 2025-26Q1")
}

// checkWords are the texts of the answer in English and French.
var checkWords = map[string][2]string{
	"ask":                          {"Which quarter are the files for (as in 2025-26Q1)? ", "Pour quel trimestre sont ces fichiers (p. ex. 2025-26Q1)? "},
	"state.accepted":               {"will be accepted", "sera acceptée"},
	"state.accepted_with_findings": {"will be accepted, with findings", "sera acceptée, avec constats"},
	"state.partly_accepted":        {"will be accepted in part: a file could not be used", "sera acceptée en partie : un fichier ne pourrait être utilisé"},
	"state.paused":                 {"will be paused: nothing of it counts until one question is settled", "sera mise en pause : rien n'en sera compté avant qu'une question soit réglée"},
	"state.refused":                {"will be refused: nothing of it could be used", "sera refusée : rien ne pourrait en être utilisé"},
	"state.nil":                    {"says that there is nothing to report", "dit qu'il n'y a rien à déclarer"},
	"aside":                        {"%s of %s rows will be set aside", "lignes mises de côté : %s sur %s"},
	"zero":                         {"nothing to fix, nothing to confirm", "rien à corriger, rien à confirmer"},
	"explain":                      {"causes that explain nearly all: %s of %s (%s of %s findings); gravest first:", "causes qui expliquent presque tout : %s sur %s (%s constats sur %s); les plus graves d'abord :"},
	"head":                         {"HOW SERIOUS|ROWS|WHAT|COLUMN|WHAT TO DO", "GRAVITÉ|LIGNES|QUOI|COLONNE|QUE FAIRE"},
	"where":                        {"where:", "où :"},
	"row":                          {"row", "ligne"},
	"more":                         {"  more rows: %s; all are in --json and in the marked copies of --marked", "  autres lignes : %s; toutes sont dans --json et dans les copies marquées de --marked"},
	"not_given":                    {"not checked, but owed too: %s", "non vérifiés, mais attendus aussi : %s"},
	"skipped":                      {"left behind: %s", "laissé de côté : %s"},
	"unknown":                      {"%s: no agreed file has such a name; it would be kept and not used", "%s : aucun fichier convenu ne porte un tel nom; il serait conservé sans servir"},
	"written":                      {"written: %s", "écrit : %s"},
	"blocks":                       {"must be fixed", "à corriger absolument"},
	"sets_aside":                   {"row not counted", "ligne non comptée"},
	"please_confirm":               {"please confirm", "à confirmer"},
	"note":                         {"for information", "pour information"},
}

func at(lang string) int {
	if lang == "fr" {
		return 1
	}
	return 0
}

// listed is how many places of one cause the screen names.
const listed = 5

func printVerdict(out io.Writer, v pipelines.Verdict, lang string) {
	word := func(key string) string { return checkWords[key][at(lang)] }
	count := func(n int64) string { return grouped(n, lang) }
	verdict := word("state." + v.State)
	if v.State != "refused" && v.State != "paused" {
		verdict += "; " + fmt.Sprintf(word("aside"), count(v.SetAside), count(v.Rows))
	}
	fmt.Fprintf(out, "%s %s: %s\n", v.Agency, v.Quarter, verdict)
	for _, s := range v.Skipped {
		fmt.Fprintf(out, word("skipped")+"\n", s)
	}
	for _, f := range v.Files {
		if f.State == "unknown" {
			fmt.Fprintf(out, word("unknown")+"\n", f.Name)
		}
	}
	if len(v.NotGiven) > 0 {
		fmt.Fprintf(out, word("not_given")+"\n", strings.Join(v.NotGiven, ", "))
	}
	if len(v.Causes) == 0 {
		fmt.Fprintln(out, word("zero"))
	} else {
		if v.Few < len(v.Causes) {
			fmt.Fprintf(out, word("explain")+"\n", count(int64(v.Few)), count(int64(len(v.Causes))), count(int64(v.Explained)), count(int64(v.All)))
		}
		rows := [][]string{strings.Split(word("head"), "|")}
		for _, c := range v.Causes {
			rows = append(rows, []string{word(string(c.Severity)), count(int64(c.Rows)), c.Name, c.Column, c.Fix})
		}
		table(out, rows)
		fmt.Fprintln(out, word("where"))
		printPlaces(out, v, lang)
	}
	for _, f := range v.Written {
		fmt.Fprintf(out, word("written")+"\n", f)
	}
}

// printPlaces names where the findings of each cause are, with the sheet cell, and no value.
func printPlaces(out io.Writer, v pipelines.Verdict, lang string) {
	word := func(key string) string { return checkWords[key][at(lang)] }
	for _, c := range v.Causes {
		shown, all := 0, 0
		for _, f := range v.Findings {
			if f.Check != c.Check || f.Column != c.Column || f.Severity != c.Severity {
				continue
			}
			if all++; shown == listed {
				continue
			}
			shown++
			place := f.File
			if f.Sheet != "" {
				place += " / " + f.Sheet
			}
			switch {
			case f.Cell != "":
				place += "!" + f.Cell
			case f.Row > 0:
				place += " " + word("row") + " " + strconv.FormatInt(f.Row, 10)
				if f.Path != "" {
					place += " " + f.Path
				}
			}
			if f.Column != "" {
				place += " (" + f.Column + ")"
			}
			fmt.Fprintf(out, "  %s: %s\n", strings.TrimSpace(place), cmp.Or(f.Detail, f.Name))
		}
		if all > shown {
			fmt.Fprintf(out, word("more")+"\n", grouped(int64(all-shown), lang))
		}
	}
}

// grouped writes a count as the language does.
func grouped(n int64, lang string) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + [2]string{",", "\u00a0"}[at(lang)] + s[i:]
	}
	return s
}
