package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"tributary"
	"tributary/pipelines"
	"tributary/reports/submit"
)

func (p *program) submitKey() *cobra.Command {
	var ref string
	c := &cobra.Command{
		Use:   "key FILE",
		Short: "Make a signing key: a file for the signer alone, and the public key for tributary.yaml",
		Long: `Writes FILE, readable by you alone and closed by a passphrase, and FILE.pub. Both are minisign's own form. Needs
no workspace: make it on the signer's computer, keep the file there, and send the public key alone.`,
		Example: "  tributary submit key director.key",
		Args:    cobra.ExactArgs(1),
	}
	c.Flags().StringVar(&ref, "passphrase", "", "where the passphrase is: ${env:NAME} or ${file:PATH} (default: ask)")
	c.RunE = func(_ *cobra.Command, args []string) error {
		if _, err := os.Stat(args[0]); err == nil {
			return exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("submit key: %s is there already", args[0]), "name another file; a key is never overwritten"))
		}
		pass, err := p.passphrase(ref, true)
		if err != nil {
			return exitWith(exitAskedWrongly, err)
		}
		private, public, err := submit.NewKey(pass)
		if err != nil {
			return exitWith(exitAskedWrongly, err)
		}
		for name, data := range map[string][]byte{args[0]: private, args[0] + ".pub": public} {
			f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			if err != nil {
				return err
			}
			_, err = f.Write(data)
			if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
				return err
			}
		}
		text := submit.PublicText(public)
		return p.answer(map[string]string{"key": args[0], "public": text}, func(out io.Writer) {
			fmt.Fprintf(out, "%s: keep it and its passphrase to yourself\n", args[0])
			fmt.Fprintf(out, "for tributary.yaml, under submission: signers:\n  - {name: YOUR NAME, role: director, key: %s}\n", text)
		})
	}
	return c
}

// passphrase reads a passphrase from its reference, the terminal, or a line of standard input.
func (p *program) passphrase(ref string, twice bool) (string, error) {
	if ref != "" {
		return p.secret(ref)
	}
	f, isFile := p.in.(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		line, err := bufio.NewReader(p.in).ReadString('\n')
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			return "", tributary.Fix(errors.Join(errors.New("no passphrase was given"), ignoreEnd(err)), "type it when asked, or name where it is with --passphrase '${env:NAME}' or '${file:PATH}'")
		}
		return line, nil
	}
	ask := func(what string) (string, error) {
		fmt.Fprint(p.err, what)
		text, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(p.err)
		return string(text), err
	}
	first, err := ask("passphrase: ")
	if err != nil || !twice {
		return first, err
	}
	if second, err := ask("the same again: "); err != nil || second != first {
		return "", errors.Join(err, tributary.Fix(errors.New("the two passphrases differ"), "start again"))
	}
	return first, nil
}

func ignoreEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func (p *program) submitSign() *cobra.Command {
	var key, ref, take string
	c := &cobra.Command{
		Use:   "sign BUNDLE",
		Short: "Sign an approved submission; works on the zip alone, on any computer",
		Long: `BUNDLE is the zip or the folder of a submission, or inside its workspace its id. On another computer the signature
is put into the zip: send it back, and there: tributary submit sign ID --take ZIP. When enough have signed the
quarter is closed: its numbers and the ids of its children and families stay.`,
		Example: `  tributary submit sign 2025-26Q1-1.zip --key director.key
  tributary submit sign 2025-26Q1-1 --key director.key \
      --passphrase '${file:passphrase}'
  tributary submit sign 2025-26Q1-1 --take returned/2025-26Q1-1.zip`,
		Args: cobra.ExactArgs(1),
	}
	c.Flags().StringVar(&key, "key", "", "the signer's key file")
	c.Flags().StringVar(&ref, "passphrase", "", "where the passphrase is: ${env:NAME} or ${file:PATH} (default: ask)")
	c.Flags().StringVar(&take, "take", "", "a bundle or .minisig file that was signed elsewhere")
	c.RunE = func(c *cobra.Command, args []string) error {
		if (key == "") == (take == "") {
			return exitWith(exitAskedWrongly, tributary.Fix(errors.New("submit sign: with which key?"), "add --key FILE to sign, or --take FILE for what was signed elsewhere"))
		}
		isBundle := isThere(args[0])
		if isBundle && take == "" {
			return p.signAlone(args[0], key, ref)
		}
		return p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
			var seal submit.Seal
			var err error
			if take != "" {
				var texts [][]byte
				if texts, err = signaturesIn(take); err == nil {
					seal, err = w.Take(c.Context(), args[0], texts)
				}
			} else {
				var pass string
				if pass, err = p.passphrase(ref, false); err == nil {
					seal, err = w.Sign(c.Context(), args[0], key, pass)
				}
			}
			if err != nil {
				return exitWith(exitNotReady, err)
			}
			return p.answer(seal, func(out io.Writer) { printSeal(out, seal) })
		})(c, args)
	}
	return c
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func signaturesIn(path string) ([][]byte, error) {
	if strings.HasSuffix(path, ".minisig") {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, tributary.Fix(err, "name the signed zip, or the .minisig file that signing wrote")
		}
		return [][]byte{text}, nil
	}
	b, err := submit.Open(path)
	if err != nil {
		return nil, err
	}
	return b.Texts(), nil
}

// signAlone signs a bundle without a workspace.
func (p *program) signAlone(path, key, ref string) error {
	b, err := submit.Open(path)
	if err != nil {
		return exitWith(exitAskedWrongly, err)
	}
	pass, err := p.passphrase(ref, false)
	if err != nil {
		return exitWith(exitAskedWrongly, err)
	}
	if _, err := b.Sign(key, pass, p.today()); err != nil {
		return exitWith(exitNotReady, err)
	}
	seal, err := b.Verify(nil)
	if err != nil {
		return err
	}
	return p.answer(seal, func(out io.Writer) {
		printSeal(out, seal)
		fmt.Fprintf(out, "send it back: %s; there: tributary submit sign %s --take FILE\n", path, seal.Manifest.Submission)
	})
}

func printSeal(out io.Writer, s submit.Seal) {
	m := s.Manifest
	for _, d := range s.Differ {
		fmt.Fprintf(out, "DIFFERS %s\n", d)
	}
	for _, g := range s.Signatures {
		who := g.Name
		if who == "" {
			who = "nobody known"
		}
		if g.ActingFor != "" {
			who += ", acting for " + g.ActingFor
		}
		if g.Role != "" {
			who += ", " + g.Role
		}
		if g.Fault != "" {
			fmt.Fprintf(out, "NOT VALID a signature (%s, key %s): %s\n", who, g.Key, g.Fault)
			continue
		}
		fmt.Fprintf(out, "signed %s by %s (key %s)\n", g.At.Format(time.DateTime), who, g.Key)
	}
	switch {
	case m.ApprovedBy == "":
		fmt.Fprintf(out, "%s: not approved yet\n", m.Submission)
	case s.Signed < m.Signatures:
		fmt.Fprintf(out, "%s: %d of %d signatures\n", m.Submission, s.Signed, m.Signatures)
	case s.IsWhole():
		fmt.Fprintf(out, "%s: signed, %d of %d; every file is as it was prepared\n", m.Submission, s.Signed, m.Signatures)
	}
}
