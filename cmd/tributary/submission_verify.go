package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
	"tributary/reports/submit"
)

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
