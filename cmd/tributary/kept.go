package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
	"tributary/pipelines/link"
	"tributary/pipelines/why"
)

func (p *program) backup() *cobra.Command {
	c := &cobra.Command{
		Use:   "backup DEST",
		Short: "Copy all that cannot be made again into a new folder",
		Long: `Settings, mappings, own SQL, templates, register and kept/ (facts, landed files, submissions), each with its hash.
cache/ and out/ are not in it: a run makes them again. It holds personal data: keep it as you keep the workspace.`,
		Example: "  tributary backup /mnt/backup/2026-04-10",
		Args:    cobra.ExactArgs(1),
	}
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		b, err := w.Backup(c.Context(), args[0])
		p.endProgress()
		if err != nil {
			return err
		}
		return p.answer(b, func(out io.Writer) {
			fmt.Fprintf(out, "%s: %d files\ntry it with: tributary restore --check %s\n", args[0], len(b.Files), args[0])
		})
	})
	return c
}

func (p *program) restore() *cobra.Command {
	var check bool
	c := &cobra.Command{
		Use:   "restore BACKUP [DIR]",
		Short: "Put a backup into a new folder; with --check only read it whole",
		Long: `Reads every file of the backup by its hash, the chain of the ledger and each submission; a damaged one is not
restored. DIR must be new or empty. Afterwards, in it: tributary doctor, then tributary run.`,
		Example: "  tributary restore --check /mnt/backup/2026-04-10\n  tributary restore /mnt/backup/2026-04-10 kingston",
		Args:    cobra.RangeArgs(1, 2),
	}
	c.Flags().BoolVar(&check, "check", false, "read and verify; write nothing")
	c.RunE = func(c *cobra.Command, args []string) error {
		if check == (len(args) == 2) {
			return exitWith(exitAskedWrongly, tributary.Fix(errors.New("restore: to where?"), "name a new folder after the backup, or add --check to read it only"))
		}
		if !check {
			b, err := pipelines.Restore(c.Context(), args[0], args[1])
			if err != nil {
				return exitWith(exitDataRefused, err)
			}
			return p.answer(b, func(out io.Writer) {
				fmt.Fprintf(out, "%s: %d files of %s\nnext: tributary -C %s doctor, then tributary -C %s run\n", args[1], len(b.Files), b.MadeAt.Format("2006-01-02 15:04"), args[1], args[1])
			})
		}
		b, faults, err := pipelines.CheckBackup(c.Context(), args[0])
		if err != nil {
			return exitWith(exitDataRefused, err)
		}
		if err := p.answer(map[string]any{"made_at": b.MadeAt, "files": len(b.Files), "faults": append([]string{}, faults...)}, func(out io.Writer) {
			for _, f := range faults {
				fmt.Fprintf(out, "BAD  %s\n", f)
			}
			if len(faults) == 0 {
				fmt.Fprintf(out, "%s: all %d files of %s are as they were written, and the ledger is whole\n", args[0], len(b.Files), b.MadeAt.Format("2006-01-02 15:04"))
			}
		}); err != nil || len(faults) == 0 {
			return err
		}
		return exitWith(exitDataRefused, tributary.Fix(fmt.Errorf("restore: %d faults in the backup", len(faults)), "rely on an older one, and take a new one today"))
	}
	return c
}

func (p *program) purge() *cobra.Command {
	var yes bool
	var reason string
	c := &cobra.Command{
		Use:   "purge",
		Short: "Remove landed files whose time is over, and prove it; without --yes it only lists them",
		Long: `How long is a setting (tributary.yaml: retention: landed_years, counted from the end of the fiscal year); without it
nothing is ever removed. Files of a quarter that is not signed stay. What each file was (name and hash) is
written to the ledger first; afterwards nothing of it is on the disk, and cache/ is emptied. Signed numbers
stay, and submit reproduce says what was purged. Backups, letters in kept/feedback and agencies' own folders are yours to remove.`,
		Example: "  tributary purge\n  tributary purge --yes --why \"retention schedule 12, seven years\"",
		Args:    cobra.NoArgs,
	}
	c.Flags().BoolVar(&yes, "yes", false, "remove them")
	c.Flags().StringVar(&reason, "why", "", "the reason, for the record")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, _ []string) error {
		if yes && reason == "" {
			return exitWith(exitAskedWrongly, tributary.Fix(errors.New("purge: a reason is missing"), `add --why "..."`))
		}
		var due []pipelines.Due
		var err error
		if yes {
			due, err = w.Purge(c.Context(), reason)
		} else {
			due, err = w.DueForPurge(c.Context())
		}
		if err != nil {
			return exitWith(exitNotReady, err)
		}
		return p.answer(due, func(out io.Writer) {
			n := 0
			for _, d := range due {
				word := "due "
				if d.Stays != "" {
					word = "stays (" + d.Stays + ")"
				} else if n++; yes {
					word = "gone"
				}
				fmt.Fprintf(out, "%s  %s %s %s  sha256 %s\n", word, d.Agency, d.Quarter, d.Name, d.SHA256)
			}
			switch {
			case n == 0:
				fmt.Fprintln(out, "no file's time is over")
			case yes:
				fmt.Fprintf(out, "%d files are gone: nothing of them is on the disk, and the ledger has their hashes. Next: tributary run\n", n)
			default:
				fmt.Fprintf(out, "%d files are due; remove them with: tributary purge --yes --why \"...\"\n", n)
			}
		})
	})
	return c
}

func (p *program) upgrade() *cobra.Command {
	var plan bool
	c := &cobra.Command{
		Use:   "upgrade --plan",
		Short: "Which published cells this version of the program would move, before it publishes anything",
		Long: `Run it with the new program over the workspace that the old one published: it counts the published quarter again,
publishes nothing, and lists the cells that move; and it reproduces every signed quarter and says how many of
its cells this version counts differently. What is signed stays as it is. To upgrade, replace the program and run.`,
		Example: "  tributary-new -C kingston upgrade --plan",
		Args:    cobra.NoArgs,
	}
	c.Flags().BoolVar(&plan, "plan", false, "show what would move; publish nothing")
	_ = c.MarkFlagRequired("plan")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, _ []string) error {
		u, err := w.UpgradePlan(c.Context())
		p.endProgress()
		if err != nil {
			return err
		}
		return p.answer(u, func(out io.Writer) {
			fmt.Fprintf(out, "published by %s; this is %s\n", u.From, u.To)
			rows := [][]string{}
			for _, ch := range u.Changes {
				rows = append(rows, []string{ch.Cell, number(ch.Old), number(ch.New)})
			}
			table(out, rows)
			fmt.Fprintf(out, "%s: %d published cells would move\n", u.Quarter, len(u.Changes))
			for _, id := range slices.Sorted(maps.Keys(u.Signed)) {
				fmt.Fprintf(out, "%s: %d cells would be counted differently; it stays as it was signed\n", id, u.Signed[id])
			}
		})
	})
	return c
}

func (p *program) child() *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use:   "child ID",
		Short: "All that is held of one child, and what a withdrawn consent would change",
		Long: `ID is a child id, or AGENCY:number. Prints every row about the child in every file that is held, older ones too, with
its address. Where an agreement does not allow one agency's values beside another's, they are counted and not
shown. Looking at a child is written to the audit log and wants --because.`,
		Example: `  tributary child LCTC:LC-01003 --because "the family asked, letter of 3 May"`,
		Args:    cobra.ExactArgs(1),
	}
	c.Flags().StringVar(&reason, "because", "", "why you look at this child")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		if reason == "" {
			return exitWith(exitAskedWrongly, tributary.Fix(errors.New("child: a reason is missing"), `add --because "..."`))
		}
		if err := w.Look(c.Context(), "child", args[0], reason); err != nil {
			return err
		}
		m, err := w.House.Current()
		if err != nil {
			return err
		}
		db, err := w.House.Open(c.Context(), m.People())
		if err != nil {
			return err
		}
		defer db.Close()
		h, err := why.OfHeld(c.Context(), db, args[0])
		if err != nil {
			return exitWith(exitAskedWrongly, err)
		}
		var records []link.Anchor
		for _, r := range h.Records {
			records = append(records, link.Anchor{Agency: r.Agency, Client: r.Client})
		}
		facts, signed, err := w.FactsOf(c.Context(), records)
		if err != nil {
			return err
		}
		answer := struct {
			why.Held
			Facts  []pipelines.FactOf `json:"facts"`
			Signed []string           `json:"signed"`
		}{h, facts, signed}
		return p.answer(answer, func(out io.Writer) { printHeld(out, h, facts, signed) })
	})
	return c
}

func printHeld(out io.Writer, h why.Held, facts []pipelines.FactOf, signed []string) {
	fmt.Fprintf(out, "%s: %d rows are held\n", h.ID, len(h.Rows))
	for _, r := range h.Rows {
		fmt.Fprintf(out, "\n%s, %s\n", r.Address, r.Table)
		for _, name := range r.Order {
			fmt.Fprintf(out, "  %s: %s\n", strings.ReplaceAll(name, "_", " "), inert(r.Values[name]))
		}
	}
	if len(facts) > 0 {
		fmt.Fprintln(out, "\nstated by people or given by the program:")
		for _, f := range facts {
			fmt.Fprintf(out, "  %s %s: %s\n", f.On, f.Kind, f.Text)
		}
	}
	if len(signed) > 0 {
		fmt.Fprintf(out, "\nis among the records that these signed quarters were counted from: %s\n", strings.Join(signed, ", "))
	}
	if h.Withheld > 0 {
		fmt.Fprintf(out, "\n%d more records are held and not shown: the agreements do not allow their values beside these\n", h.Withheld)
	}
	fmt.Fprintln(out, "\nif consent is withdrawn (by the agency's file, or: tributary correct AGENCY NUMBER withdrawn_on DATE):")
	for _, k := range h.Consent {
		stands := "none stands now"
		if k.Stands {
			stands = "stands now"
		}
		fmt.Fprintf(out, "  %s %s (%s; %s): from that day on, %s\n", k.Agency, k.Client, strings.ReplaceAll(k.Rule, "_", " "), stands, ruleText[k.Rule])
	}
	fmt.Fprintln(out, "  landed files keep what they hold until the agency sends others and their time is over (tributary purge);\n  signed quarters stay as they were signed; quarters that are open are counted again by the next run")
}

// ruleText is what each linking rule makes of a client without consent.
var ruleText = map[string]string{
	"count_only": "it is linked for counting alone, and nobody sees its values beside another agency's",
	"separate":   "it is counted alone, not linked to another agency's records",
	"exclude":    "it is left out of the counts in which each child is counted once",
}
