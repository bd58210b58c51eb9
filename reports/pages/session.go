package pages

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Accounts knows who may come.
type Accounts interface {
	// Check returns the role of an account whose password is right, or "".
	Check(name, password string) (role string)
	// Role is what an account is now, or "": one that was changed or taken away is out with the next page.
	Role(name string) string
}

// session is a person's stay. Fields that change are guarded by sessions.mu.
type session struct {
	key, token, who string
	role            string
	rights          map[Right]bool
	because         string
	said            string
	last            time.Time
}

// sessions are kept in memory alone: who restarts the console comes in anew.
type sessions struct {
	mu   sync.Mutex
	all  map[[32]byte]*session
	code string
	// tries are failed log-ins by name, and when the last was.
	tries map[string]try
}

type try struct {
	count int
	last  time.Time
}

// cookie is the name under which the browser keeps the key of a session.
const cookie = "tributary"

type presence int

const (
	here presence = iota
	expired
	stranger
)

// remembered is how long an expired session is known, so that a form sent after it loses nothing.
const remembered = 12 * time.Hour

// of finds the session of a request. An expired one is returned too, with that state.
func (s *sessions) of(r *http.Request, now time.Time, idle time.Duration) (*session, presence) {
	c, err := r.Cookie(cookie)
	if err != nil {
		return nil, stranger
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.all[sha256.Sum256([]byte(c.Value))]
	if !ok {
		return nil, stranger
	}
	if now.Sub(found.last) > idle {
		return found, expired
	}
	found.last = now
	return found, here
}

// begin makes a session and forgets those that are long over.
func (s *sessions) begin(who, role string, rights []Right, random io.Reader, now time.Time) (*session, error) {
	key, err := secret(random)
	if err != nil {
		return nil, err
	}
	token, err := secret(random)
	if err != nil {
		return nil, err
	}
	n := &session{key: key, token: token, who: who, role: role, rights: map[Right]bool{}, last: now}
	for _, r := range rights {
		n.rights[r] = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[[32]byte]*session{}
	}
	for k, old := range s.all {
		if now.Sub(old.last) > remembered {
			delete(s.all, k)
		}
	}
	s.all[sha256.Sum256([]byte(key))] = n
	return n, nil
}

func (s *sessions) end(n *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, sha256.Sum256([]byte(n.key)))
}

func (s *sessions) say(n *session, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n.said = text
}

func (s *sessions) takeSaid(n *session) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := n.said
	n.said = ""
	return text
}

// why is why the person looks at named records; empty where it was not asked yet.
func (s *sessions) why(n *session) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return n.because
}

// secret is 256 bits that nobody can guess, as text.
func secret(random io.Reader) (string, error) {
	b := make([]byte, 32)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// Code makes a fresh one-time code; the one before it opens nothing any more.
func (s *Site) Code() (string, error) {
	code, err := secret(s.Random)
	if err != nil {
		return "", err
	}
	s.sessions.mu.Lock()
	defer s.sessions.mu.Unlock()
	s.sessions.code = code
	return code, nil
}

// spend says whether a one-time code is right; it is so once.
func (s *sessions) spend(code string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.code == "" || subtle.ConstantTimeCompare([]byte(code), []byte(s.code)) != 1 {
		return false
	}
	s.code = ""
	return true
}

// everything are all rights, of a person alone at the machine.
var everything = []Right{See, Named, Review, Work, Submit, Approve}

// enter takes the one-time code of the opened address and gives a cookie for it.
func (s *Site) enter(w http.ResponseWriter, r *http.Request) {
	if s.Accounts != nil || !s.sessions.spend(r.URL.Query().Get("code")) {
		http.Redirect(w, r, "/login", http.StatusSeeOther)
		return
	}
	s.admit(w, r, s.Owner, "", everything, "/")
}

func (s *Site) admit(w http.ResponseWriter, r *http.Request, who, role string, rights []Right, to string) {
	n, err := s.sessions.begin(who, role, rights, s.Random, s.Now())
	if err != nil {
		http.Error(w, "no session could be made", http.StatusInternalServerError)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: n.key, Path: "/", HttpOnly: true, Secure: s.IsSecure, SameSite: http.SameSiteStrictMode})
	s.Log.Info("entered", "who", who)
	// A cookie that is strictly of this site is not sent along when the address was opened from another program:
	// a page of ours in between makes the next step ours.
	v := &Visit{Out: w, Request: r, site: s}
	if err := v.show(http.StatusOK, "entered.html", shared["entered_title"], entered{To: to}); err != nil {
		http.Error(w, "no page could be made", http.StatusInternalServerError)
	}
}

type entered struct{ To string }

// gate is what a page shows that stands before others: it asks who it is, or why they look.
type gate struct {
	ByCode      bool
	Wrong, Wait bool
	To          string
	// Kept is a form that came to the page instead, as after the session had ended; nothing of it is lost.
	Kept []field
}

type field struct{ Name, Value string }

// wait asks who it is. A form of a session that was theirs is kept in the page, so that it can be sent again.
func (s *Site) wait(v *Visit, old *session, isForm bool) {
	g := gate{ByCode: s.Accounts == nil, To: v.URL.RequestURI()}
	if isForm {
		g.To = "/"
		if old != nil && subtle.ConstantTimeCompare([]byte(v.FormValue("token")), []byte(old.token)) == 1 {
			if v.MultipartForm == nil {
				g.To, g.Kept = v.URL.RequestURI(), fields(v.PostForm)
			} else if from, err := url.Parse(v.Referer()); err == nil {
				// A file cannot be kept, and what opens a key must not be: the page with the form is shown again.
				g.To = local(from.RequestURI())
			}
		}
	}
	if s.Accounts == nil && old != nil {
		s.announce()
	}
	v.route.words = nil
	if err := v.show(http.StatusUnauthorized, "login.html", shared["login_title"], g); err != nil {
		http.Error(v.Out, shared["login_title"], http.StatusUnauthorized)
	}
}

// announce shows a fresh code at the machine.
func (s *Site) announce() {
	if code, err := s.Code(); err == nil && s.Announce != nil {
		s.Announce(code)
	}
}

// fields lists a form in a stable order, without what belongs to the session.
func fields(form url.Values) []field {
	var out []field
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if name == "token" {
			continue
		}
		for _, value := range form[name] {
			out = append(out, field{name, value})
		}
	}
	return out
}

// keptIn is the form that a page between kept, as fields lists it.
func keptIn(form url.Values) []field {
	kept := url.Values{}
	for name, values := range form {
		if own, ok := strings.CutPrefix(name, "kept."); ok {
			kept[own] = values
		}
	}
	return fields(kept)
}

func (s *Site) askWho(w http.ResponseWriter, r *http.Request) {
	s.gate(w, r, http.StatusOK, gate{To: "/"})
}

func (s *Site) gate(w http.ResponseWriter, r *http.Request, status int, g gate) {
	g.ByCode = s.Accounts == nil
	v := &Visit{Out: w, Request: r, site: s}
	if err := v.show(status, "login.html", shared["login_title"], g); err != nil {
		http.Error(w, shared["login_title"], http.StatusInternalServerError)
	}
}

// mostTries is how often a wrong password may follow another before the account waits, and for how long.
const (
	mostTries = 5
	waitAfter = 5 * time.Minute
)

// login takes a name and a password, or a code, and the form that was kept.
func (s *Site) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 2*largestForm)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form is larger than a form can be", http.StatusRequestEntityTooLarge)
		return
	}
	g := gate{To: local(r.PostForm.Get("login_to")), Kept: keptIn(r.PostForm)}
	who, role, rights := s.Owner, "", everything
	if s.Accounts == nil {
		g.Wrong = !s.sessions.spend(strings.TrimSpace(r.PostForm.Get("login_code")))
	} else {
		who = strings.TrimSpace(r.PostForm.Get("login_name"))
		if g.Wait = s.sessions.mustWait(who, s.Now()); !g.Wait {
			role = s.Accounts.Check(who, r.PostForm.Get("login_password"))
			rights = Roles[role]
			g.Wrong = len(rights) == 0
			s.sessions.tried(who, g.Wrong, s.Now())
		}
	}
	if g.Wrong || g.Wait {
		s.gate(w, r, http.StatusUnauthorized, g)
		return
	}
	if len(g.Kept) == 0 {
		s.admit(w, r, who, role, rights, g.To)
		return
	}
	n, err := s.sessions.begin(who, role, rights, s.Random, s.Now())
	if err != nil {
		http.Error(w, "no session could be made", http.StatusInternalServerError)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: n.key, Path: "/", HttpOnly: true, Secure: s.IsSecure, SameSite: http.SameSiteStrictMode})
	v := &Visit{Out: w, Request: r, site: s, session: n}
	if err := v.show(http.StatusOK, "again.html", shared["again_title"], g); err != nil {
		http.Error(w, shared["again_title"], http.StatusInternalServerError)
	}
}

// local keeps a way back inside the console.
func local(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.Contains(to, "\\") {
		return "/"
	}
	return u.RequestURI()
}

func (s *sessions) mustWait(name string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tries[name]
	return t.count >= mostTries && now.Sub(t.last) < waitAfter
}

func (s *sessions) tried(name string, isWrong bool, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tries == nil || len(s.tries) > 10_000 {
		s.tries = map[string]try{}
	}
	if !isWrong {
		delete(s.tries, name)
		return
	}
	t := s.tries[name]
	s.tries[name] = try{t.count + 1, now}
}

func (s *Site) logout(w http.ResponseWriter, r *http.Request) {
	if n, _ := s.sessions.of(r, s.Now(), s.Idle); n != nil && r.FormValue("token") == n.token {
		s.sessions.end(n)
	}
	http.SetCookie(w, &http.Cookie{Name: cookie, Path: "/", MaxAge: -1, HttpOnly: true, Secure: s.IsSecure, SameSite: http.SameSiteStrictMode})
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}
