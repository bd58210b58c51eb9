// Package pages is the console: one page per question, for people who do not type commands.
//
// Takes a Desk, which asks and does what the verbs ask and do; leaves pages in a browser; never reads a table,
// a file or the environment itself, and never decides what the verbs would not let a person do.
package pages

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"tributary"
)

//go:embed *.html
var templates embed.FS

//go:embed static
var static embed.FS

// Desk is what the pages ask and do for one person, about one published generation. Each page has an interface
// of its own; cmd makes all of them of one workspace.
type Desk interface {
	Homes
	Deliveries
	Findings
	Answers
	Agencies
	Mappings
	Books
	Reviews
	ReviewRecord
	Splits
	GapPages
	Submissions
	SubmissionSteps
	SubmissionWords
	Signing
	Measures
	// Generation names the published generation that is read, 0 before the first run.
	Generation() (number int, quarter string)
	// Look writes into the audit log that the person looks at named records, and why.
	Look(ctx context.Context, subject, why string) error
	// Close gives back what the desk holds.
	Close() error
}

// Config is what cmd hands in: the environment, the clock and the randomness stay there.
type Config struct {
	// Desk opens the workspace for one request of one person.
	Desk func(ctx context.Context, who string) (Desk, error)
	// Runs is the run that a person starts from a page; there is one at a time.
	Runs Runs
	Log  *slog.Logger
	Now  func() time.Time
	// Random is the source of tokens, which must not be guessed.
	Random io.Reader
	// Hosts are the names, with port, under which the console may be asked for.
	Hosts []string
	// Idle is how long a person may be away before the console asks who it is.
	Idle time.Duration
	// IsSecure says that people reach it by https alone.
	IsSecure bool
	// SignsHere says that the console answers its own machine alone, for one person: a key may then be used on its page.
	SignsHere bool
	// Owner is who enters by the one-time address, with all roles. Accounts, where it is set, takes its place.
	Owner    string
	Accounts Accounts
	// Announce shows a fresh one-time code to whoever sits at the machine, when theirs was used up or expired.
	Announce func(code string)
}

// Site answers the requests of the console.
type Site struct {
	Config
	routes   *http.ServeMux
	pages    map[string]*template.Template
	sessions sessions
}

// route is one address of a page: which template shows it, who may come, and what is done.
type route struct {
	// pattern is method and path as net/http has them.
	pattern string
	may     Right
	// file is the page's template; words are the page's own, over those that all pages share.
	file  string
	words words
	do    func(*Visit) error
}

// routes are all pages. Each page's file has a function that lists its addresses.
func routes() []route {
	var all []route
	for _, page := range [][]route{homeRoutes(), runRoutes(), deliveryRoutes(), agencyRoutes(), reviewRoutes(), measureRoutes(), mappingRoutes(), submissionRoutes(), gapRoutes()} {
		all = append(all, page...)
	}
	return all
}

// menu is the way through the pages, in this order; a page stands in it by its path.
var menu = []struct{ path, word string }{
	{"/", "home"}, {"/deliveries", "deliveries"}, {"/review", "review"}, {"/measures", "measures"}, {"/gaps", "gaps"}, {"/submission", "submission"}, {"/agencies", "agencies"}, {"/runs", "runs"}, {"/audit", "audit"}, {"/settings", "settings"},
}

// New makes the console.
func New(c Config) (*Site, error) {
	s := &Site{Config: c, routes: http.NewServeMux(), pages: map[string]*template.Template{}}
	layout, err := template.New("layout.html").Option("missingkey=error").Funcs(template.FuncMap{"number": number, "bytes": size}).ParseFS(templates, "layout.html", "answering.html")
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(templates, "*.html")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if s.pages[name], err = layout.Clone(); err != nil {
			return nil, err
		}
		if _, err := s.pages[name].ParseFS(templates, name); err != nil {
			return nil, err
		}
	}
	for _, r := range routes() {
		s.routes.Handle(r.pattern, s.inside(r))
	}
	s.routes.HandleFunc("GET /enter", s.enter)
	s.routes.HandleFunc("GET /login", s.askWho)
	s.routes.HandleFunc("POST /login", s.login)
	s.routes.HandleFunc("POST /logout", s.logout)
	s.routes.HandleFunc("GET /static/{name}", s.static)
	return s, nil
}

// Visit is one request of one person.
type Visit struct {
	*http.Request
	// Out takes the answer.
	Out  http.ResponseWriter
	Desk Desk

	site    *Site
	session *session
	route   route
	faults  []fault
	because string
}

// view is what a template sees.
type view struct {
	Lang, Title, Here string
	W                 words
	Who, Token, Said  string
	Faults            []fault
	Typed             typed
	// Because is why the person looks at the named records of this page.
	Because    string
	Menu       []item
	Generation int
	Quarter    string
	Data       any
}

type item struct {
	Path, Name string
	IsHere     bool
}

// Show writes the page of the visit's route.
func (v *Visit) Show(title string, data any) error {
	return v.show(http.StatusOK, v.route.file, title, data)
}

func (v *Visit) show(status int, file, title string, data any) error {
	view := view{Lang: "en", Title: title, W: shared.with(v.route.words), Data: data}
	if v.session != nil {
		view.Who, view.Token, view.Said, view.Because = v.session.who, v.session.token, v.site.sessions.takeSaid(v.session), v.because
		if view.Here = "/"; v.Method == http.MethodGet {
			view.Here = v.URL.RequestURI()
		}
		for _, m := range menu {
			isHere := v.URL.Path == m.path || m.path != "/" && strings.HasPrefix(v.URL.Path, m.path)
			view.Menu = append(view.Menu, item{m.path, shared[m.word], isHere})
		}
	}
	if len(v.faults) > 0 {
		view.Faults, view.Typed, view.Said, status = v.faults, typed(v.PostForm), "", http.StatusUnprocessableEntity
	}
	if v.Desk != nil {
		view.Generation, view.Quarter = v.Desk.Generation()
	}
	var page bytes.Buffer
	if err := v.site.pages[file].ExecuteTemplate(&page, "layout.html", view); err != nil {
		return fmt.Errorf("page %s: %w", file, err)
	}
	v.Out.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.Out.WriteHeader(status)
	_, err := v.Out.Write(page.Bytes())
	return err
}

// Leave goes to another page of the console, which shows what was said once.
func (v *Visit) Leave(path, said string) error {
	v.site.sessions.say(v.session, said)
	http.Redirect(v.Out, v.Request, path, http.StatusSeeOther)
	return nil
}

// Retry shows the page of a form again when what was asked cannot be done: with the faults and their remedies, and
// with what was typed. A fault without a remedy is an error.
func (v *Visit) Retry(err error, page func(*Visit) error) error {
	if tributary.FixOf(err) == "" {
		return err
	}
	for _, e := range flatten(err) {
		v.faults = append(v.faults, fault{e.Error(), tributary.FixOf(e)})
	}
	return page(v)
}

// typed is a form that is shown again.
type typed url.Values

// Of is what was typed into a field, or nothing.
func (t typed) Of(name string) string { return url.Values(t).Get(name) }

// May says whether the person has a right.
func (v *Visit) May(r Right) bool { return v.session.rights[r] }

// Because returns why the person looks at named records, and writes each look into the audit log. A person is
// asked once in a session; without a reason yet, the page asks for it, and ok is false. A form that comes to it is kept.
func (v *Visit) Because(subject string) (ok bool, err error) {
	if v.because = v.site.sessions.why(v.session); v.because == "" {
		g := gate{To: v.URL.RequestURI()}
		if v.MultipartForm == nil {
			g.Kept = fields(v.PostForm)
		}
		return false, v.askWhy(g)
	}
	return true, v.Desk.Look(v.Context(), subject, v.because)
}

func (v *Visit) askWhy(g gate) error {
	return v.show(http.StatusOK, "because.html", shared["because_title"], g)
}

// failure is what the page of an error shows.
type failure struct{ Lines []fault }

type fault struct{ What, Fix string }

// fail shows an error with its remedy; the log has it too.
func (v *Visit) fail(status int, err error) {
	var f failure
	for _, e := range flatten(err) {
		f.Lines = append(f.Lines, fault{e.Error(), tributary.FixOf(e)})
	}
	v.site.Log.Warn("page", "file", v.route.file, "err", err.Error())
	if err := v.show(status, "error.html", shared["error_title"], f); err != nil {
		http.Error(v.Out, shared["error_title"], http.StatusInternalServerError)
	}
}

// flatten lists joined errors one by one, so that each keeps its own fix.
func flatten(err error) []error {
	if j, ok := err.(interface{ Unwrap() []error }); ok {
		var out []error
		for _, e := range j.Unwrap() {
			out = append(out, flatten(e)...)
		}
		return out
	}
	return []error{err}
}

func (s *Site) static(w http.ResponseWriter, r *http.Request) {
	data, err := static.ReadFile(path.Join("static", path.Base(r.PathValue("name"))))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, r.PathValue("name"), time.Time{}, bytes.NewReader(data))
}

// words are a page's texts by their names.
type words map[string]string

// with are these words and those of a page over them.
func (w words) with(own words) words {
	out := words{}
	for _, m := range []words{w, own} {
		for k, text := range m {
			out[k] = text
		}
	}
	return out
}

// number writes a count with thin spaces between thousands.
func number(n int) string {
	text := fmt.Sprint(n)
	for at := len(text) - 3; at > 0 && text[at-1] != '-'; at -= 3 {
		text = text[:at] + "\u202f" + text[at:]
	}
	return text
}

// size writes a number of bytes for people.
func size(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1_000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1_000_000)
}

// Stale tells a person whose form speaks of something that a generation published since no longer has; what was typed
// is shown, so that it can be used again.
func (v *Visit) Stale() error {
	return v.show(http.StatusConflict, "stale.html", shared["stale_title"], fields(v.PostForm))
}

// errAnew asks for a second look at numbers that a form is about.
func errAnew() error { return tributary.Fix(errors.New(shared["anew"]), shared["anew_fix"]) }

// IsStale says that the form was shown from another generation than the one that is published now.
func (v *Visit) IsStale() bool {
	n, _ := v.Desk.Generation()
	shown := v.FormValue("generation")
	return shown != "" && shown != fmt.Sprint(n)
}
