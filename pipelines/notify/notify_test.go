package notify

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"tributary"
)

var noon = time.Date(2025, 7, 9, 12, 0, 0, 0, time.UTC)

func notice(t *testing.T, k Kind, lang string) Notice {
	t.Helper()
	q, err := tributary.ParseQuarter("2025-26Q1")
	if err != nil {
		t.Fatal(err)
	}
	return Notice{Kind: k, Agency: "A", Name: "Agence A", From: "Centre", Quarter: q, DueOn: noon, State: "accepted_with_findings", Files: 2,
		Findings: map[tributary.Severity]int{tributary.Note: 3, tributary.PleaseConfirm: 1}, Language: lang, To: []string{"data@a.example"},
		Lines: []Line{{Agency: "A", State: "expected", IsLate: true, DueOn: "2025-07-15"}, {Agency: "B", State: "expected", UnreadSince: "2025-07-08", UnreadWhy: "no"}}}
}

func TestText_saysAllInBothLanguages(t *testing.T) {
	t.Parallel()
	for k, want := range map[Kind][2]string{Reminder: {"for 2025-26Q1 (April to June 2025) are due on July 9, 2025", "pour 2025-26Q1, avril à juin 2025 (Agence A, A), sont attendus au plus tard le 9 juillet 2025"}, Late: {"have not come", "ne sont pas arrivés"}, Received: {"to confirm: 1\nto know: 3", "à confirmer : 1\nà savoir : 3"},
		Failed: {"did not finish", "ne s'est pas terminé"}, Ready: {"nothing blocks", "rien ne bloque"}, Digest: {"A: expected, late\nB: expected, its source could not be read since 2025-07-08: no", "A : attendue, en retard\nB : attendue, sa source n'a pu être lue depuis le 2025-07-08 : no"}} {
		for i, lang := range []string{"en", "fr"} {
			subject, body, err := notice(t, k, lang).Text()
			if err != nil || subject == "" || !strings.Contains(body, want[i]) || !strings.HasSuffix(body, "\nCentre\n") {
				t.Errorf("%s %s: %v\n%s\n%s", k, lang, err, subject, body)
			}
		}
	}
}

// mailbox is an SMTP server that keeps what it gets.
type mailbox struct{ got chan string }

func (m mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return m, nil }
func (mailbox) Mail(string, *smtp.MailOptions) error          { return nil }
func (mailbox) Rcpt(string, *smtp.RcptOptions) error          { return nil }
func (mailbox) Reset()                                        {}
func (mailbox) Logout() error                                 { return nil }
func (m mailbox) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	m.got <- string(text)
	return err
}

// authority starts an HTTPS server, whose certificate for 127.0.0.1 the others use too.
func authority(t *testing.T, h http.Handler) (*httptest.Server, string) {
	t.Helper()
	web := httptest.NewTLSServer(h)
	t.Cleanup(web.Close)
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return web, file
}

func TestMail_goesOutEncryptedOnly(t *testing.T) {
	t.Parallel()
	web, ca := authority(t, http.NotFoundHandler())
	for _, way := range []string{"starttls", "implicit", "none"} {
		box := mailbox{make(chan string, 1)}
		server := smtp.NewServer(box)
		server.Domain = "localhost"
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		certs := &tls.Config{Certificates: web.TLS.Certificates}
		use := way
		switch way {
		case "starttls":
			server.TLSConfig = certs
		case "implicit":
			l = tls.NewListener(l, certs)
		case "none":
			use = "starttls"
		}
		go server.Serve(l) //nolint:errcheck // ends with the test
		t.Cleanup(func() { server.Close() })
		s := &Sender{Config: Config{From: "ca@ca.example", To: []string{"analyst@ca.example"}, SMTP: &SMTP{Host: "127.0.0.1", Port: port, TLS: use, CAFile: ca}}}
		err = s.Mail(t.Context(), notice(t, Late, "fr"), noon)
		if way == "none" {
			if err == nil || tributary.FixOf(err) == "" {
				t.Errorf("a server without TLS: %v", err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", way, err)
			continue
		}
		if text := <-box.got; !strings.Contains(text, "To: <data@a.example>") || !strings.Contains(text, "Reply-To: <analyst@ca.example>") || !strings.Contains(text, "Auto-Submitted: auto-generated") {
			t.Errorf("%s: %s", way, text)
		}
		s.SMTP.CAFile = ""
		if err := s.Mail(t.Context(), notice(t, Late, "fr"), noon); err == nil {
			t.Errorf("%s: a certificate of nobody is taken", way)
		}
	}
}

func TestPost_saysNoSecretWhenItFails(t *testing.T) {
	t.Parallel()
	var seen []string
	status := http.StatusOK
	web, ca := authority(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen = append(seen, r.Header.Get("Authorization")+" "+r.Header.Get("Idempotency-Key")+" "+string(body))
		w.WriteHeader(status)
	}))
	s := &Sender{Config: Config{Webhook: &Webhook{URL: "${env:URL}", Token: "${env:TOKEN}", CAFile: ca}},
		Secret: func(ref string) (string, error) {
			return map[string]string{"${env:URL}": web.URL + "/s3cret-path", "${env:TOKEN}": "t0ken"}[ref], nil
		}}
	n := notice(t, Digest, "en")
	if err := s.Post(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	if len(seen) != 1 || !strings.HasPrefix(seen[0], "Bearer t0ken "+n.Key()) || !strings.Contains(seen[0], `"kind":"digest"`) || strings.Contains(seen[0], "data@a.example") {
		t.Errorf("got %v", seen)
	}
	status = http.StatusInternalServerError
	for range 2 { // an answer of 500, then no server at all
		err := s.Post(t.Context(), n)
		if err == nil || strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "t0ken") {
			t.Errorf("got %v", err)
		}
		web.Close()
	}
}

func TestValidate_allFaultsAtOnce(t *testing.T) {
	t.Parallel()
	err := Config{To: []string{"nobody"}, RemindDays: -1, SMTP: &SMTP{TLS: "none", Password: "x"}, Webhook: &Webhook{URL: "http://a", Token: "x"}}.Validate()
	for _, want := range []string{`"nobody" is no mail address`, "host or from", `tls "none"`, "a password stands", "is not one of https", "a token stands", "remind_days"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not said in: %v", want, err)
		}
	}
}
