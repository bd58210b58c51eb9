package pages

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"slices"
	"strings"

	"tributary"
)

// Right is something that a role lets a person do.
type Right string

const (
	// See is to look at counts, states and findings: nothing of a person.
	See Right = "see"
	// Named is to look at named records, with a reason, audited.
	Named Right = "named"
	// Review is to decide about links.
	Review Right = "review"
	// Work is to run, accept, correct, confirm, prepare and to change who may come.
	Work Right = "work"
	// Submit is to look at submissions and at what they hold, before they are out.
	Submit Right = "submit"
	// Approve is to approve, and to record what was signed, sent and returned.
	Approve Right = "approve"
)

// Roles are what an account can be. A person alone at the machine has all rights: the verbs are open to them too.
var Roles = map[string][]Right{
	"viewer":   {See},
	"reviewer": {See, Named, Review},
	"analyst":  {See, Named, Review, Work, Submit},
	"approver": {See, Submit, Approve},
}

// largestForm bounds what a form may send; files have a bound of their own.
const largestForm = 1 << 20

// policy lets a page load its own style and script, and nothing else.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// ServeHTTP lets in what asks for this host by its own name, and says to the browser what a page may do.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	// Not no-referrer: a form would then say that it comes from nowhere.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if s.IsSecure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	// A name that somebody else's server gave to our address would make their page one of ours.
	if !slices.Contains(s.Hosts, strings.ToLower(r.Host)) {
		http.Error(w, "this console does not answer to that name", http.StatusMisdirectedRequest)
		return
	}
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		http.Error(w, "the form came from another site", http.StatusForbidden)
		return
	}
	s.routes.ServeHTTP(w, r)
}

// inside wraps a page: who is it, may they, is the form ours; then the desk is opened, and closed after.
func (s *Site) inside(route route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		session, state := s.sessions.of(r, s.Now(), s.Idle)
		v := &Visit{Out: w, Request: r, site: s, session: session, route: route}
		isForm := r.Method == http.MethodPost
		if isForm {
			r.Body = http.MaxBytesReader(w, r.Body, largestUpload)
		}
		if isForm && !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
			r.Body = http.MaxBytesReader(w, r.Body, largestForm)
			if err := r.ParseForm(); err != nil {
				http.Error(w, "the form is larger than a form can be", http.StatusRequestEntityTooLarge)
				return
			}
		}
		if state == here && s.Accounts != nil && s.Accounts.Role(session.who) != session.role {
			s.sessions.end(session)
			session, state = nil, stranger
		}
		if state != here {
			v.session = nil
			s.wait(v, session, isForm)
			return
		}
		if isForm && subtle.ConstantTimeCompare([]byte(r.FormValue("token")), []byte(session.token)) != 1 {
			v.fail(http.StatusForbidden, tributary.Fix(errors.New("the form was not made by this console, or by an earlier visit"), "go back, load the page again and send it once more"))
			return
		}
		if !session.rights[route.may] {
			v.fail(http.StatusForbidden, errNotAllowed())
			return
		}
		desk, err := s.Desk(r.Context(), session.who)
		if err != nil {
			v.fail(http.StatusInternalServerError, err)
			return
		}
		defer desk.Close() //nolint:errcheck // the answer is written
		v.Desk = desk
		err = route.do(v)
		if isForm && errors.Is(err, ErrNotFound) && v.IsStale() {
			err = v.Stale()
		}
		if err != nil {
			v.fail(statusOf(err), err)
		}
	})
}

// errNotAllowed says that a role has no right to something.
func errNotAllowed() error {
	return tributary.Fix(errors.New("your account does not have the right to do this"), "ask who keeps the accounts")
}

// ErrNotFound says that a page's subject is not there.
var ErrNotFound = errors.New("is not there")

func statusOf(err error) int {
	switch {
	case errors.Is(err, ErrNotFound):
		return http.StatusNotFound
	case tributary.FixOf(err) != "":
		return http.StatusUnprocessableEntity
	}
	return http.StatusInternalServerError
}
