package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"tributary"
	"tributary/pipelines"
	"tributary/reports/submit"
)

func (p *program) submit() *cobra.Command {
	c := &cobra.Command{
		Use:   "submit",
		Short: "Prepare, approve, sign, send and restate a quarter; verify what was signed",
		Long: `A submission goes from draft and checked to approved, signed and sent; the ministry may return it, and a
restatement may take its place. Each step is written to the ledger with who, when and why. Once it is signed its
numbers stay: later runs print them as they were signed.`,
		Example: `  tributary submit prepare
  tributary submit approve 2025-26Q1-1
  tributary submit sign 2025-26Q1-1.zip --key director.key   elsewhere too
  tributary submit sign 2025-26Q1-1 --take 2025-26Q1-1.zip   when it is back
  tributary submit sent 2025-26Q1-1 --ref MCCSS-12345
  tributary submit status`,
	}
	c.AddCommand(p.submitPrepare(), p.submitStatus(), p.submitApprove(), p.submitKey(), p.submitSign(), p.submitSent(), p.submitReturned(),
		p.submitRestate(), p.submitVerify(), p.submitReproduce())
	return c
}

func (p *program) submitPrepare() *cobra.Command {
	var quarter string
	c := &cobra.Command{
		Use:   "prepare",
		Short: "Make the folder with workbooks, data, SQL and a manifest of hashes (not signed yet)",
		Long: `Reads back what was typed into the workbooks, counts the published quarter again with what was said since, and
publishes it. Then puts the workbooks, a machine-readable copy, the SQL and a manifest of hashes into
kept/submissions/<quarter>-<n>/bundle, and what they stand on beside it in proof/, with the approver's page
(proof/approval-en.html, -fr.html, .xlsx). Nothing is signed and nothing is sent. A newer draft takes the place
of one that is not signed; of a quarter that the ministry returned it takes the returned one's place once it is
signed, even if words alone are new.`,
		Example: "  tributary submit prepare --quarter 2025-26Q2",
		Args:    cobra.NoArgs,
	}
	c.Flags().StringVar(&quarter, "quarter", "", "the quarter (default: the published one)")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, _ []string) error {
		m, err := w.House.Current()
		if err != nil {
			return err
		}
		if quarter != "" && quarter != m.Quarter.String() {
			return exitWith(exitNotReady, tributary.Fix(fmt.Errorf("submit prepare: %s is not the published quarter, %s is", quarter, m.Quarter),
				"publish it first with: tributary run --quarter "+quarter))
		}
		prepared, err := w.Prepare(c.Context())
		p.endProgress()
		if err != nil {
			return closed(err)
		}
		return p.answer(prepared, func(out io.Writer) { printPrepared(out, prepared) })
	})
	return c
}

func printPrepared(out io.Writer, s pipelines.Prepared) {
	id := s.Manifest.Submission
	fmt.Fprintf(out, "%s: prepared, not signed (%s)\n", s.Dir, s.State)
	fmt.Fprintf(out, "  bundle: %d files; stands on %d landed files and %d facts\n", len(s.Manifest.Bundle), len(s.Manifest.Inputs), s.Manifest.Facts.Entries)
	if s.Manifest.Restates != "" {
		fmt.Fprintf(out, "  restatement %d: takes the place of %s when it is signed; %d cells change: bundle/corrections-en.xlsx\n", s.Manifest.Restatement, s.Manifest.Restates, len(s.Changed))
		if len(s.Changed) == 0 {
			fmt.Fprintln(out, "  no number is new: it answers the ministry with words alone (workbook, note)")
		}
	}
	for _, o := range s.Open {
		word := "asks for a reason"
		if o.Severity == string(tributary.Blocks) {
			word = "blocks"
		}
		fmt.Fprintf(out, "  %s: %d of %s (%s): %s\n", word, o.Findings, o.Check, o.Agencies, o.Name)
	}
	fmt.Fprintf(out, "open: %s\n", filepath.Join(s.Dir, "proof", "approval-en.html"))
	if s.State == submit.Draft || s.State == submit.Checked {
		fmt.Fprintf(out, "next, by another person: tributary submit approve %s\n", id)
	}
}

// closed gives a refusal because of a signed quarter the exit code of what is not ready.
func closed(err error) error {
	if errors.Is(err, pipelines.ErrClosed) {
		return exitWith(exitNotReady, err)
	}
	return err
}

func (p *program) submitStatus() *cobra.Command {
	c := &cobra.Command{
		Use:     "status [ID]",
		Short:   "Where each submission stands; of one, every step, its signatures and what is open",
		Example: "  tributary submit status\n  tributary submit status 2025-26Q1-1",
		Args:    cobra.MaximumNArgs(1),
	}
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		if len(args) == 1 {
			return p.submissionStatus(c, w, args[0])
		}
		all, err := w.Submissions(c.Context())
		if err != nil {
			return err
		}
		return p.answer(all, func(out io.Writer) {
			if len(all) == 0 {
				fmt.Fprintln(out, "nothing is prepared yet: tributary submit prepare")
				return
			}
			rows := [][]string{{"SUBMISSION", "STATE", "SINCE", "BY", "REFERENCE", "WHY"}}
			for _, s := range all {
				rows = append(rows, []string{s.ID, string(s.State), s.Since.Format(time.DateOnly), s.Who, s.Detail, s.Why})
			}
			table(out, rows)
		})
	})
	return c
}

func (p *program) submissionStatus(c *cobra.Command, w *pipelines.Workspace, id string) error {
	seal, err := w.VerifySubmission(c.Context(), id)
	if err != nil {
		return exitWith(exitAskedWrongly, err)
	}
	steps, err := w.History(c.Context(), id)
	if err != nil {
		return err
	}
	open, err := w.OpenOf(id)
	if err != nil {
		return err
	}
	answer := struct {
		Steps []pipelines.Submission `json:"steps"`
		Seal  submit.Seal            `json:"seal"`
		Open  []pipelines.OpenCheck  `json:"open"`
	}{steps, seal, open}
	return p.answer(answer, func(out io.Writer) {
		rows := [][]string{{"STEP", "WHEN", "BY", "REFERENCE", "WHY"}}
		for _, s := range steps {
			rows = append(rows, []string{string(s.State), s.Since.Format(time.DateTime), s.Who, s.Detail, s.Why})
		}
		table(out, rows)
		for _, r := range seal.Manifest.Reasons {
			fmt.Fprintf(out, "left open with a reason: %d of %s: %s\n", r.Findings, r.Check, r.Why)
		}
		if seal.Manifest.ApprovedBy == "" {
			for _, o := range open {
				fmt.Fprintf(out, "open: %d of %s (%s, %s): %s\n", o.Findings, o.Check, strings.ReplaceAll(o.Severity, "_", " "), o.Agencies, o.Name)
			}
		}
		printSeal(out, seal)
	})
}

func (p *program) submitApprove() *cobra.Command {
	var reasons []string
	var why string
	c := &cobra.Command{
		Use:   "approve ID",
		Short: "Say that a submission may be signed",
		Long: `Another person than who prepared it approves (tributary.yaml: submission: same_person_may_approve). Who you are is
the name with which you logged in to this computer, or TRIBUTARY_WHO where several share a login; the ledger
keeps it, and nothing proves it: the signatures do. Findings that block stop it; each check that asks for a confirmation and has none wants a --reason, which stays with the
submission. Approving seals the bundle and packs it as one zip: give that to the signers.`,
		Example: `  tributary submit approve 2025-26Q1-1
  tributary submit approve 2025-26Q1-1 \
      --reason seldom_filled="the board does not ask for it"`,
		Args: cobra.ExactArgs(1),
	}
	c.Flags().StringArrayVar(&reasons, "reason", nil, `CHECK="..." for findings that are left as they are`)
	c.Flags().StringVar(&why, "why", "", "words for the record")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		byCheck := map[string]string{}
		for _, r := range reasons {
			check, text, ok := strings.Cut(r, "=")
			if !ok || check == "" || strings.TrimSpace(text) == "" {
				return exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("submit approve: --reason %q names no check and reason", r), `write it as --reason seldom_filled="the board does not ask for it"`))
			}
			byCheck[check] = strings.TrimSpace(text)
		}
		m, err := w.Approve(c.Context(), args[0], byCheck, why)
		if errors.Is(err, pipelines.ErrSamePerson) {
			err = tributary.Fix(err, "let another person approve it, logged in to this computer under their own name, or in the console; where a login is shared: TRIBUTARY_WHO=NAME tributary submit approve "+args[0]+
				"; or set submission: same_person_may_approve: true in tributary.yaml")
		}
		if err != nil {
			return exitWith(exitNotReady, err)
		}
		zip := filepath.Join(w.Path("kept", "submissions"), args[0], args[0]+".zip")
		return p.answer(m, func(out io.Writer) {
			fmt.Fprintf(out, "%s: approved by %s; %d of %d signers must sign\n", args[0], m.ApprovedBy, m.Signatures, len(m.Signers))
			fmt.Fprintf(out, "give them: %s\n", zip)
		})
	})
	return c
}

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

func (p *program) submitSent() *cobra.Command {
	var ref, why string
	c := &cobra.Command{
		Use: "sent ID", Short: "Note that it was sent, with the portal's confirmation number",
		Example: "  tributary submit sent 2025-26Q1-1 --ref MCCSS-12345", Args: cobra.ExactArgs(1),
	}
	c.Flags().StringVar(&ref, "ref", "", "the confirmation number")
	c.Flags().StringVar(&why, "why", "", "words for the record")
	_ = c.MarkFlagRequired("ref")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		if err := w.Sent(c.Context(), args[0], ref, why); err != nil {
			return exitWith(exitNotReady, err)
		}
		return p.answer(map[string]string{"submission": args[0], "state": "sent", "ref": ref}, func(out io.Writer) {
			fmt.Fprintf(out, "%s: sent, confirmation number %s\n", args[0], ref)
		})
	})
	return c
}

func (p *program) submitReturned() *cobra.Command {
	var why string
	c := &cobra.Command{
		Use: "returned ID", Short: "Note that the ministry sent it back, with its words",
		Long: `What was sent stays as it is. Mend it, then: tributary run --quarter QUARTER; tributary submit prepare. What is
then signed takes its place, even if words alone are new. restate is for a quarter that was not returned.`,
		Example: `  tributary submit returned 2025-26Q1-1 --why "cell E14: explain the drop"`, Args: cobra.ExactArgs(1),
	}
	c.Flags().StringVar(&why, "why", "", "the ministry's words")
	_ = c.MarkFlagRequired("why")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		if err := w.Returned(c.Context(), args[0], why); err != nil {
			return exitWith(exitNotReady, err)
		}
		return p.answer(map[string]string{"submission": args[0], "state": "returned"}, func(out io.Writer) {
			fmt.Fprintf(out, "%s: returned; mend, then: tributary run --quarter %s; tributary submit prepare\n", args[0], args[0][:strings.LastIndex(args[0], "-")])
		})
	})
	return c
}

func (p *program) submitRestate() *cobra.Command {
	var why string
	c := &cobra.Command{
		Use:   "restate QUARTER",
		Short: "Make a numbered restatement of a signed quarter from what came since",
		Long: `Counts a signed quarter again with the files that landed and the statements that were made since, and prepares a
new submission with the old value, the new value and the causes of each cell (bundle/corrections.csv and
.xlsx). What was signed stays as it is; the new one takes its place when it is approved and signed.`,
		Example: `  tributary submit restate 2025-26Q1 --why "SUNR delivered in July"`,
		Args:    cobra.ExactArgs(1),
	}
	c.Flags().StringVar(&why, "why", "", "the reason, for the record")
	_ = c.MarkFlagRequired("why")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		q, err := quarterOr(args[0], w)
		if err != nil {
			return err
		}
		prepared, err := w.Restate(c.Context(), q, why)
		p.endProgress()
		if errors.Is(err, pipelines.ErrNothingToRestate) {
			return exitWith(exitNotReady, err)
		}
		if err != nil {
			return err
		}
		return p.answer(prepared, func(out io.Writer) { printPrepared(out, prepared) })
	})
	return c
}

func (p *program) submitVerify() *cobra.Command {
	var keys []string
	c := &cobra.Command{
		Use:   "verify BUNDLE",
		Short: "Check a signed bundle by itself, offline; or a submission of this workspace by its id",
		Long: `Hashes every file again, checks each signature against manifest.json and the signers that it names, and counts
them. The bundle alone suffices, years later. It proves that these keys signed these bytes; that a key is the
director's is for you to know: compare the key numbers, or name the public keys that you trust with --trust.
The same signatures can be checked with minisign: minisign -V -P KEY -m manifest.json -x signatures/NUMBER.minisig.
Exit code 3: something differs; 4: whole, and too few signatures.`,
		Example: `  tributary submit verify 2025-26Q1-1.zip
  tributary submit verify 2025-26Q1-1.zip --trust director.key.pub
  tributary submit verify 2025-26Q1-1`,
		Args: cobra.ExactArgs(1),
	}
	c.Flags().StringArrayVar(&keys, "trust", nil, "a public key file, or its text; signatures by other keys do not count")
	c.RunE = func(c *cobra.Command, args []string) error {
		if isThere(args[0]) {
			b, err := submit.Open(args[0])
			if err != nil {
				return exitWith(exitAskedWrongly, err)
			}
			seal, isWhole, err := p.verifyAlone(b, keys)
			if err != nil {
				return exitWith(exitDataRefused, err)
			}
			return p.verified(seal, isWhole, len(keys) > 0, true)
		}
		return p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
			seal, err := w.VerifySubmission(c.Context(), args[0])
			if err != nil {
				return exitWith(exitAskedWrongly, err)
			}
			return p.verified(seal, seal.IsWhole(), false, false)
		})(c, args)
	}
	return c
}

// verifyAlone verifies a bundle; of the signers that its manifest names only those with a trusted key count. isWhole
// says that the bundle fits its own manifest and keys, whoever is trusted.
func (p *program) verifyAlone(b *submit.Bundle, keys []string) (seal submit.Seal, isWhole bool, err error) {
	seal, err = b.Verify(nil)
	isWhole = seal.IsWhole()
	if err != nil || len(keys) == 0 {
		return seal, isWhole, err
	}
	known := []submit.Signer{}
	for _, k := range keys {
		if data, err := os.ReadFile(k); err == nil {
			k = submit.PublicText(data)
		}
		s := submit.Signer{Name: "key named by you", Role: "signer", Key: k}
		if err := s.Check(); err != nil {
			return seal, isWhole, tributary.Fix(errors.New("submit verify: --trust names no public key"), "name a file such as director.key.pub, or the text RW... in it")
		}
		for _, m := range seal.Manifest.Signers {
			if m.Key == k {
				s = m
			}
		}
		known = append(known, s)
	}
	trusted, err := b.Verify(known)
	for i, g := range trusted.Signatures {
		if own := seal.Signatures[i]; g.Fault != "" && own.Fault == "" { // both lists are in the same order
			own.Fault = "fits, but its key is not one that you trust"
			trusted.Signatures[i] = own
		}
	}
	return trusted, isWhole, err
}

// verified prints what verifying found. isAlone says that names and keys are known from the bundle alone.
func (p *program) verified(seal submit.Seal, isWhole, isTrusting, isAlone bool) error {
	err := p.answer(seal, func(out io.Writer) {
		printSeal(out, seal)
		if isAlone && !isTrusting && len(seal.Signatures) > 0 {
			fmt.Fprintln(out, "caution: these names and keys are the bundle's own; to be sure, have each signer tell you the key's number, or add --trust FILE with the public key that the signer gave you")
		}
	})
	if err != nil {
		return err
	}
	switch {
	case isWhole && isTrusting && !seal.IsSigned() && seal.Manifest.ApprovedBy != "":
		return exitWith(exitNotReady, tributary.Fix(fmt.Errorf("submission %s is intact, but not signed by a key that you trust: %d of %d signatures", seal.Manifest.Submission, seal.Signed, seal.Manifest.Signatures),
			"add --trust with the public key of each signer, as the signer gave it to you; if it is the one that you named, ask the signer whether the key's number above is theirs, and do not rely on the bundle until they say so"))
	case !isWhole:
		return exitWith(exitDataRefused, tributary.Fix(fmt.Errorf("submission %s is not as it was signed", seal.Manifest.Submission),
			"take the bundle again from where it was sent from; in the workspace, restore kept/submissions from the newest backup"))
	case seal.Manifest.ApprovedBy == "":
		return exitWith(exitNotReady, tributary.Fix(fmt.Errorf("submission %s is not approved, so nobody has signed it", seal.Manifest.Submission),
			"let another person than who prepared it approve it: tributary submit approve "+seal.Manifest.Submission))
	case len(seal.Signatures) == 0:
		return exitWith(exitNotReady, tributary.Fix(fmt.Errorf("submission %s: nobody has signed yet, %d must", seal.Manifest.Submission, seal.Manifest.Signatures),
			"let a signer sign: tributary submit sign BUNDLE --key FILE"))
	case !seal.IsSigned():
		return exitWith(exitNotReady, tributary.Fix(fmt.Errorf("submission %s: %d of %d signatures", seal.Manifest.Submission, seal.Signed, seal.Manifest.Signatures),
			"let another signer sign: tributary submit sign BUNDLE --key FILE"))
	}
	return nil
}

func (p *program) submitReproduce() *cobra.Command {
	c := &cobra.Command{
		Use:   "reproduce ID",
		Short: "Make a submission again from what it stood on, and compare",
		Long: `Counts again from the landed files, with the mappings, settings and statements of people as they were. By the
same program every file of the bundle must be byte-identical; by another one every cell is compared. Where files
were purged it says so, and writes the workbooks again from the sealed release.`,
		Example: "  tributary submit reproduce 2025-26Q1-1",
		Args:    cobra.ExactArgs(1),
	}
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		r, err := w.Reproduce(c.Context(), args[0])
		p.endProgress()
		if err != nil {
			return err
		}
		err = p.answer(r, func(out io.Writer) { printReproduced(out, r) })
		if err == nil && len(r.Differ)+len(r.Moved) > 0 {
			fix := "the data, rules and facts are as they were, so this is a fault of the program: keep the folder and report it"
			switch {
			case r.IsSameProgram && r.MadeBy == noVersion:
				fix = "both programs were built without a version, so they may be two: build each with make build, which gives it one, or compare them by the Numbers of CHANGELOG.md"
			case !r.IsSameProgram:
				fix = "read the Numbers of CHANGELOG.md between the two versions, or reproduce it with the program that made it"
			}
			err = tributary.Fix(fmt.Errorf("submission %s: %d files and %d cells are not as they were signed", r.Submission, len(r.Differ), len(r.Moved)), fix)
		}
		return err
	})
	return c
}

func printReproduced(out io.Writer, r pipelines.Reproduced) {
	for _, f := range r.Purged {
		fmt.Fprintf(out, "gone: %s\n", f)
	}
	switch {
	case !r.FromFiles:
		fmt.Fprintf(out, "%s: files were purged, so the numbers cannot be counted again; the workbooks were written again from the sealed release\n", r.Submission)
	case r.IsSameProgram:
		fmt.Fprintf(out, "%s: counted again from the landed files by the same program\n", r.Submission)
	default:
		fmt.Fprintf(out, "%s: counted again from the landed files by another program (it was made by %s): cells are compared, not bytes\n", r.Submission, r.MadeBy)
	}
	if r.FromFiles {
		fmt.Fprintf(out, "%d of %d cells as signed\n", r.Cells-len(r.Moved), r.Cells)
	}
	for _, m := range r.Moved {
		fmt.Fprintf(out, "  %s: %s, now %s\n", m.Cell, number(m.Old), number(m.New))
	}
	if r.IsSameProgram || !r.FromFiles {
		fmt.Fprintf(out, "%d files byte-identical\n", r.Files)
	}
	for _, d := range r.Differ {
		fmt.Fprintf(out, "  DIFFERS %s\n", d)
	}
}
