package pages

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tributary"
)

// Submissions tells where each quarter's submission stands.
type Submissions interface {
	// Submissions lists all, the newest first.
	Submissions(ctx context.Context) ([]Submitted, error)
	// Submission tells of one, compared with another version of the quarter, or with the one before where none is
	// named; ErrNotFound where there is none.
	Submission(ctx context.Context, id, with string) (Submission, error)
	// SubmissionFile opens the zip or the approver's workbook of one by its name.
	SubmissionFile(ctx context.Context, id, name string) (io.ReadSeekCloser, error)
}

// SubmissionSteps takes a submission from step to step.
type SubmissionSteps interface {
	// Prepare makes one of the published quarter and returns its id.
	Prepare(ctx context.Context) (id string, err error)
	Approve(ctx context.Context, id string, reasons map[string]string, why string) error
	SubmissionReturns
}

// SubmissionReturns takes in what comes back from outside.
type SubmissionReturns interface {
	// TakeSigned takes the signatures of a zip or a .minisig file that was signed elsewhere, and says how many of how
	// many have signed.
	TakeSigned(ctx context.Context, id, name string, file io.Reader) (signed, of int, err error)
	Sent(ctx context.Context, id, ref, why string) error
	Returned(ctx context.Context, id, words string) error
}

// SubmissionWords are what people say beside the numbers, and what makes a new version of them.
type SubmissionWords interface {
	// Explanations lists the numbers of the published quarter that ask for an explanation, and those that have one.
	Explanations(ctx context.Context) ([]Explained, error)
	// Explain keeps the words about a number by their fields, and says how many were not as they are; an empty text
	// takes one back.
	Explain(ctx context.Context, cell string, words map[string]string) (changed int, err error)
	// Restate makes a new submission of a signed quarter from what came since and returns its id.
	Restate(ctx context.Context, id, why string) (newID string, err error)
}

// Signing signs on this machine.
type Signing interface {
	// SignHere signs with the text of a key file; neither it nor the passphrase is kept.
	SignHere(ctx context.Context, id, name string, key []byte, passphrase string) (signed, of int, err error)
}

// Explained is a number and the words about it by field; Asked says that its target is missed.
type Explained struct {
	Cell, Label, Standing string
	Asked                 bool
	Words                 map[string]string
}

// Submitted is one submission and its last step.
type Submitted struct{ ID, Quarter, State, Since, Who, Ref, Why string }

// Submission is one submission whole.
type Submission struct {
	Submitted
	Steps      []Submitted
	Open       []OpenCheck
	Reasons    []OpenCheck
	Signatures []Signed
	Differ     []string
	// Needed signatures, and Signed so many; Signers are who may.
	Needed, Signed       int
	Signers              []string
	PreparedBy, Approved string
	Restates             string
	// Page is the approver's page by language: the program's own document out of the sealed folder.
	Page map[string]template.HTML
	// Changed are the numbers that differ from another submission of the quarter, Before; Versions are all of them.
	Before   string
	Versions []Submitted
	Changed  []MovedText
	More     int
}

// OpenCheck is a check with open findings, or the reason why they were left.
type OpenCheck struct {
	Check, Name, Why string
	Agencies         []string
	Findings         int
	Blocks           bool
}

// Signed is one signature.
type Signed struct{ Who, Key, At, Fault string }

// MovedText is a number of two submissions, as text; empty where one lacks it.
type MovedText struct{ Cell, Label, Old, New string }

// largestUpload bounds a signed zip, largestKey a key file with its passphrase.
const (
	largestUpload = 64 << 20
	largestKey    = 16 << 10
)

func submissionRoutes() []route {
	of := func(pattern, file string, may Right, do func(*Visit) error) route {
		return route{pattern: pattern, may: may, file: file, words: submissionWords, do: do}
	}
	return []route{
		of("GET /submission", "submissions.html", Submit, submissions), of("POST /submission", "submissions.html", Work, prepare),
		of("GET /submission/{id}", "submission.html", Submit, submission), of("GET /submission/{id}/file/{name}", "submission.html", Submit, submissionFile),
		of("POST /submission/{id}/approve", "submission.html", Approve, approve), of("POST /submission/{id}/signed", "submission.html", Approve, takeSigned),
		of("GET /submission/words", "explain.html", Submit, explanations), of("POST /submission/words", "explain.html", Work, explain),
		of("POST /submission/{id}/sign", "submission.html", Approve, signHere), of("POST /submission/{id}/restate", "submission.html", Work, restate),
		of("POST /submission/{id}/sent", "submission.html", Approve, sent), of("POST /submission/{id}/returned", "submission.html", Approve, returned),
	}
}

func submissions(v *Visit) error {
	all, err := v.Desk.Submissions(v.Context())
	if err != nil {
		return err
	}
	return v.Show(shared["submission"], struct {
		All     []Submitted
		MayWork bool
	}{all, v.May(Work)})
}

func prepare(v *Visit) error {
	if v.IsStale() {
		return v.Retry(errAnew(), submissions)
	}
	id, err := v.Desk.Prepare(v.Context())
	if err != nil {
		return v.Retry(err, submissions)
	}
	return v.Leave(submissionPath(id), submissionWords["prepared"])
}

func submissionPath(id string) string { return "/submission/" + url.PathEscape(id) }

func submission(v *Visit) error {
	s, err := v.Desk.Submission(v.Context(), v.PathValue("id"), v.FormValue("with"))
	if err != nil {
		return err
	}
	lang := v.FormValue("lang")
	if s.Page[lang] == "" {
		lang = "en"
	}
	return v.Show(submissionWords["of"]+" "+s.ID, struct {
		Submission
		Shown                                     template.HTML
		Lang, Path                                string
		MayApprove, MayWork, SignsHere, HasBlocks bool
	}{s, s.Page[lang], lang, submissionPath(s.ID), v.May(Approve), v.May(Work), v.site.SignsHere, len(s.Open) > 0 && s.Open[0].Blocks})
}

func submissionFile(v *Visit) error {
	f, err := v.Desk.SubmissionFile(v.Context(), v.PathValue("id"), v.PathValue("name"))
	if err != nil {
		return err
	}
	defer f.Close()
	return v.Download(v.PathValue("name"), f)
}

// step does one step of a submission's life, and shows its page.
func step(v *Visit, said string, do func(id string) error) error {
	id := v.PathValue("id")
	if err := do(id); err != nil {
		return v.Retry(err, submission)
	}
	return v.Leave(submissionPath(id), said)
}

func approve(v *Visit) error {
	reasons := map[string]string{}
	for name, values := range v.PostForm {
		if check, ok := strings.CutPrefix(name, "reason."); ok && strings.TrimSpace(values[0]) != "" {
			reasons[check] = strings.TrimSpace(values[0])
		}
	}
	return step(v, submissionWords["approved"], func(id string) error { return v.Desk.Approve(v.Context(), id, reasons, v.FormValue("why")) })
}

func takeSigned(v *Visit) error {
	file, head, err := v.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		err = tributary.Fix(errors.New(submissionWords["no_file"]), submissionWords["no_file_fix"])
	}
	if err != nil {
		return v.Retry(err, submission)
	}
	defer file.Close()
	signed, of, err := v.Desk.TakeSigned(v.Context(), v.PathValue("id"), head.Filename, file)
	if err != nil {
		return v.Retry(err, submission)
	}
	return v.Leave(submissionPath(v.PathValue("id")), fmt.Sprintf(submissionWords["took"], signed, of))
}

func sent(v *Visit) error {
	ref := strings.TrimSpace(v.FormValue("ref"))
	return step(v, submissionWords["noted_sent"], func(id string) error {
		if ref == "" {
			return tributary.Fix(errors.New(submissionWords["no_ref"]), submissionWords["no_ref_fix"])
		}
		return v.Desk.Sent(v.Context(), id, ref, v.FormValue("why"))
	})
}

func returned(v *Visit) error {
	return step(v, submissionWords["noted_returned"], func(id string) error {
		why, err := reason(v)
		if err != nil {
			return err
		}
		return v.Desk.Returned(v.Context(), id, why)
	})
}

// signHere signs with the signer's own key, where the console answers its own machine alone: nothing leaves it.
func signHere(v *Visit) error {
	if !v.site.SignsHere {
		return errNotAllowed()
	}
	file, head, err := v.FormFile("key")
	if errors.Is(err, http.ErrMissingFile) {
		err = tributary.Fix(errors.New(submissionWords["no_key"]), submissionWords["no_key_fix"])
	}
	if err != nil {
		return v.Retry(err, submission)
	}
	defer file.Close()
	key, err := io.ReadAll(io.LimitReader(file, largestKey))
	if err != nil {
		return err
	}
	signed, of, err := v.Desk.SignHere(v.Context(), v.PathValue("id"), head.Filename, key, v.FormValue("passphrase"))
	if err != nil {
		return v.Retry(err, submission)
	}
	return v.Leave(submissionPath(v.PathValue("id")), fmt.Sprintf(submissionWords["took"], signed, of))
}

func restate(v *Visit) error {
	why, err := reason(v)
	id := ""
	if err == nil {
		id, err = v.Desk.Restate(v.Context(), v.PathValue("id"), why)
	}
	if err != nil {
		return v.Retry(err, submission)
	}
	return v.Leave(submissionPath(id), submissionWords["restated"])
}

// wordFields are what can be said about a number, in the order of the workbook.
var wordFields = []string{"under_performance", "cause", "corrective_action", "catch_up_on", "remark"}

// explanation is a number with a form of its own.
type explanation struct {
	Explained
	Fields []wordField
}

type wordField struct{ Name, Word, Text string }

func explanations(v *Visit) error {
	all, err := v.Desk.Explanations(v.Context())
	if err != nil {
		return err
	}
	cell := strings.TrimSpace(v.FormValue("cell"))
	if cell != "" && !slices.ContainsFunc(all, func(e Explained) bool { return e.Cell == cell }) {
		all = append([]Explained{{Cell: cell}}, all...)
	}
	out := make([]explanation, 0, len(all))
	for _, e := range all {
		x := explanation{Explained: e}
		for _, name := range wordFields {
			f := wordField{name, submissionWords["field_"+name], e.Words[name]}
			if e.Cell == cell && len(v.faults) > 0 {
				f.Text = v.FormValue(name)
			}
			// A number that is not asked about takes a remark, and words that it has.
			if e.Asked && name != "remark" || !e.Asked && (name == "remark" || f.Text != "") {
				x.Fields = append(x.Fields, f)
			}
		}
		out = append(out, x)
	}
	_, quarter := v.Desk.Generation()
	return v.Show(submissionWords["words_title"]+" "+quarter, struct {
		All     []explanation
		MayWork bool
	}{out, v.May(Work)})
}

func explain(v *Visit) error {
	words := map[string]string{}
	for _, name := range wordFields {
		if v.PostForm.Has(name) {
			words[name] = strings.TrimSpace(v.FormValue(name))
		}
	}
	if v.IsStale() {
		return v.Retry(errAnew(), explanations)
	}
	n, err := v.Desk.Explain(v.Context(), strings.TrimSpace(v.FormValue("cell")), words)
	if err != nil {
		return v.Retry(err, explanations)
	}
	return v.Leave("/submission/words", fmt.Sprintf(submissionWords["words_kept"], n))
}
