package pages

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"strings"

	"tributary"
)

// Submissions tells where each quarter's submission stands.
type Submissions interface {
	// Submissions lists all, the newest first.
	Submissions(ctx context.Context) ([]Submitted, error)
	// Submission tells of one; ErrNotFound where there is none.
	Submission(ctx context.Context, id string) (Submission, error)
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
	// Changed are the numbers that differ from the submission before it of the quarter, Before.
	Before  string
	Changed []MovedText
	More    int
}

// OpenCheck is a check with open findings, or the reason why they were left.
type OpenCheck struct {
	Check, Name, Agencies, Why string
	Findings                   int
	Blocks                     bool
}

// Signed is one signature.
type Signed struct{ Who, Key, At, Fault string }

// MovedText is a number of two submissions, as text; empty where one lacks it.
type MovedText struct{ Cell, Old, New string }

// largestUpload bounds a signed zip.
const largestUpload = 64 << 20

func submissionRoutes() []route {
	of := func(pattern, file string, may Right, do func(*Visit) error) route {
		return route{pattern: pattern, may: may, file: file, words: submissionWords, do: do}
	}
	return []route{
		of("GET /submission", "submissions.html", Submit, submissions), of("POST /submission", "submissions.html", Work, prepare),
		of("GET /submission/{id}", "submission.html", Submit, submission), of("GET /submission/{id}/file/{name}", "submission.html", Submit, submissionFile),
		of("POST /submission/{id}/approve", "submission.html", Approve, approve), of("POST /submission/{id}/signed", "submission.html", Approve, takeSigned),
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
	id, err := v.Desk.Prepare(v.Context())
	if err != nil {
		return v.Retry(err, submissions)
	}
	return v.Leave(submissionPath(id), submissionWords["prepared"])
}

func submissionPath(id string) string { return "/submission/" + url.PathEscape(id) }

func submission(v *Visit) error {
	s, err := v.Desk.Submission(v.Context(), v.PathValue("id"))
	if err != nil {
		return err
	}
	lang := v.FormValue("lang")
	if s.Page[lang] == "" {
		lang = "en"
	}
	return v.Show(submissionWords["of"]+" "+s.ID, struct {
		Submission
		Shown                 template.HTML
		Lang, Path            string
		MayApprove, HasBlocks bool
	}{s, s.Page[lang], lang, submissionPath(s.ID), v.May(Approve), len(s.Open) > 0 && s.Open[0].Blocks})
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
