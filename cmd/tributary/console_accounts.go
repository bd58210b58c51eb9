package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
)

// accounts lists who may come to the console; account makes, changes and takes away.
func (p *program) accounts() *cobra.Command {
	c := &cobra.Command{
		Use:     "accounts",
		Short:   "Who may come to the console, and as what",
		Example: "  tributary console accounts",
		Args:    cobra.NoArgs,
	}
	c.RunE = p.inside(func(_ *cobra.Command, w *pipelines.Workspace, _ []string) error {
		all, err := w.Accounts()
		if err != nil {
			return err
		}
		answer := []map[string]string{}
		rows := [][]string{{"NAME", "ROLE"}}
		for _, a := range all {
			answer = append(answer, map[string]string{"name": a.Name, "role": a.Role})
			rows = append(rows, []string{a.Name, a.Role})
		}
		return p.answer(answer, func(out io.Writer) {
			if len(all) == 0 {
				fmt.Fprintln(out, "there is no account: whoever opens the console on this machine has all rights")
				return
			}
			table(out, rows)
		})
	})
	return c
}

func (p *program) account() *cobra.Command {
	var role, ref, reason string
	var remove bool
	c := &cobra.Command{
		Use:   "account NAME",
		Short: "Make an account for the console, change it, or take it away",
		Long: `Once there is an account, the console asks everybody for name and password, also on this machine.
viewer sees counts, states and findings; reviewer also decides about links; analyst does all but approve; approver
sees what a viewer sees, approves, and records what was signed, sent and returned. Only a hash of the password is kept.`,
		Example: `  tributary console account anna --role analyst --why "new analyst"
  tributary console account anna --remove --why "left on 3 May"`,
		Args: cobra.ExactArgs(1),
	}
	c.Flags().StringVar(&role, "role", "", "viewer, reviewer, analyst or approver")
	c.Flags().StringVar(&ref, "password", "", "where the password is: ${env:NAME} or ${file:PATH} (default: ask)")
	c.Flags().StringVar(&reason, "why", "", "the reason, for the record")
	c.Flags().BoolVar(&remove, "remove", false, "take the account away")
	_ = c.MarkFlagRequired("why")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		if err := reasonGiven("account", reason); err != nil {
			return err
		}
		said := map[string]string{"name": args[0], "role": role}
		var err error
		if remove {
			said["role"] = ""
			err = w.DropAccount(c.Context(), args[0], reason)
		} else {
			var password string
			if password, err = p.passphrase(ref, true); err == nil {
				err = w.KeepAccount(c.Context(), args[0], role, password, reason)
			}
		}
		if err != nil {
			return ofAnswer(err)
		}
		return p.answer(said, func(out io.Writer) {
			if remove {
				fmt.Fprintf(out, "%s may not come any more\n", args[0])
				return
			}
			fmt.Fprintf(out, "%s may come as %s\n", args[0], role)
		})
	})
	return c
}

// accountsOf lets the console ask for accounts; nil where there is none.
func accountsOf(w *pipelines.Workspace) (*known, error) {
	all, err := w.Accounts()
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &known{w}, nil
}

type known struct{ w *pipelines.Workspace }

// Check returns the role of an account whose password is right, or "".
func (k *known) Check(name, password string) string { return k.w.CheckAccount(name, password) }

// Role is the role of an account as it is now, or "".
func (k *known) Role(name string) string { return k.w.RoleOf(name) }

// guardListen refuses to answer other machines without accounts, or in the clear.
func guardListen(address string, isLoopback, hasAccounts, isSecure bool) error {
	switch {
	case isLoopback:
		return nil
	case !hasAccounts:
		return tributary.Fix(fmt.Errorf("console: %s can be reached from other machines, and there is no account", address),
			`make one first: tributary console account NAME --role analyst --why "..."`)
	case !isSecure:
		return tributary.Fix(fmt.Errorf("console: %s can be reached from other machines, and passwords would go in the clear", address),
			"name a certificate with --cert and --key, or put a proxy with one before it and say --behind-proxy")
	}
	return nil
}

var errNoHost = errors.New("no name is given under which other machines ask for it")
