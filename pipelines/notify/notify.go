// Package notify tells people by mail or webhook what the calendar and a run ask of them.
//
// Takes notices made of codes, days and counts, and the way to send them; leaves mails, posts, or .eml files;
// never holds a value from an agency's files, nor the name of one, so that nothing personal can be sent.
package notify

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"tributary"
)

// Config is `notify:` of tributary.yaml.
type Config struct {
	// To are the addresses of the Coordinating Agency's own people.
	To []string `yaml:"to"`
	// Agencies lets reminders go to the agencies' contacts; without it they get nothing.
	Agencies bool `yaml:"agencies"`
	// RemindDays is how many working days before the due day agencies are reminded (a setting).
	RemindDays int `yaml:"remind_days"`
	// Digest is when the overview goes out, in the words of cron.
	Digest string `yaml:"digest"`
	// Dry writes .eml files under out/mail and sends nothing.
	Dry     bool     `yaml:"dry"`
	From    string   `yaml:"from"`
	SMTP    *SMTP    `yaml:"smtp"`
	Webhook *Webhook `yaml:"webhook"`
}

// SMTP is a mail server. The connection is always encrypted.
type SMTP struct {
	Host string `yaml:"host"`
	Port int    `yaml:"port"`
	// TLS is starttls (the default, port 587) or implicit (port 465).
	TLS  string `yaml:"tls"`
	User string `yaml:"user"`
	// Password is a reference such as ${env:NAME}.
	Password string `yaml:"password"`
	// CAFile holds the certificates of a server that public authorities do not know.
	CAFile string `yaml:"ca_file"`
}

// Webhook is an address that takes notices as JSON.
type Webhook struct {
	URL string `yaml:"url"`
	// Token is sent as a bearer token; a reference such as ${env:NAME}.
	Token  string `yaml:"token"`
	Proxy  string `yaml:"proxy"`
	CAFile string `yaml:"ca_file"`
}

// Kind is what a notice is about.
type Kind string

// The kinds of notices: the first three go to agencies, the others to the Coordinating Agency's own people.
const (
	Reminder Kind = "reminder"
	Late     Kind = "late"
	Received Kind = "received"
	Failed   Kind = "run_failed"
	Ready    Kind = "ready"
	Digest   Kind = "digest"
)

// Notice is one message. Its fields are codes, days, states and counts: no field can hold what a file says.
type Notice struct {
	Kind    Kind              `json:"kind"`
	Agency  string            `json:"agency,omitempty"`
	Name    string            `json:"-"`
	From    string            `json:"-"`
	Quarter tributary.Quarter `json:"quarter"`
	DueOn   time.Time         `json:"due_on,omitzero"`
	State   string            `json:"state,omitempty"`
	Files   int               `json:"files,omitempty"`
	// Findings counts by severity.
	Findings map[tributary.Severity]int `json:"findings,omitempty"`
	Lines    []Line                     `json:"deliveries,omitempty"`
	// About tells two notices of one kind, agency and quarter apart.
	About    string   `json:"-"`
	Language string   `json:"language"`
	To       []string `json:"-"`
}

// Line is one delivery in a digest.
type Line struct {
	Agency string `json:"agency"`
	State  string `json:"state"`
	IsLate bool   `json:"is_late"`
	DueOn  string `json:"due_on"`
	// UnreadSince is the day since when the agency's source cannot be read, as 2026-05-05; UnreadWhy the fault.
	UnreadSince string `json:"unread_since,omitempty"`
	UnreadWhy   string `json:"unread_why,omitempty"`
}

// Key identifies a notice: the same key is never sent twice.
func (n Notice) Key() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{string(n.Kind), n.Agency, n.Quarter.String(), n.About, n.Language}, "\n")))
	return hex.EncodeToString(sum[:])[:16]
}

// Validate returns all faults of the settings.
func (c Config) Validate() error {
	var faults []error
	miss := func(what, fix string) { faults = append(faults, tributary.Fix(errors.New("notify: "+what), fix)) }
	for _, to := range append([]string{c.From}, c.To...) {
		if to != "" && mail.NewMsg().From(to) != nil {
			miss(fmt.Sprintf("%q is no mail address", to), "write it as name@example.ca")
		}
	}
	if c.SMTP != nil {
		if c.SMTP.Host == "" || c.From == "" {
			miss("smtp: host or from is missing", "write smtp: {host: mail.example.ca, ...} and from: address")
		}
		if c.SMTP.TLS != "" && c.SMTP.TLS != "starttls" && c.SMTP.TLS != "implicit" {
			miss(fmt.Sprintf("smtp: tls %q is not known", c.SMTP.TLS), "write starttls or implicit; mail is never sent in the clear")
		}
		if c.SMTP.Password != "" && !strings.HasPrefix(c.SMTP.Password, "${") {
			miss("smtp: a password stands in the file", "write a reference such as ${env:NAME}")
		}
	}
	if h := c.Webhook; h != nil {
		if u, err := url.Parse(h.URL); !strings.HasPrefix(h.URL, "${") && (err != nil || u.Scheme != "https" || u.Host == "") {
			miss("webhook: url is not one of https", "write https://..., or a reference such as ${env:NAME}")
		}
		if h.Token != "" && !strings.HasPrefix(h.Token, "${") {
			miss("webhook: a token stands in the file", "write a reference such as ${env:NAME}")
		}
	}
	if c.RemindDays < 0 {
		miss("remind_days is below zero", "write a number of working days")
	}
	return errors.Join(faults...)
}

// Mails says that notices go out by mail, or as .eml files.
func (c Config) Mails() bool { return c.Dry || c.SMTP != nil }

// Sender sends notices by the settings.
type Sender struct {
	Config
	// Dir is the workspace, where relative names of ca_file start; Out takes the .eml files.
	Dir, Out string
	// Secret resolves references.
	Secret func(string) (string, error)
}

// Mail sends a notice to its addresses, or writes it as an .eml file.
func (s *Sender) Mail(ctx context.Context, n Notice, at time.Time) error {
	m, err := s.message(n, at)
	if err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	if s.Dry {
		if err := os.MkdirAll(s.Out, 0o700); err != nil {
			return err
		}
		name := strings.Join([]string{at.Format(time.DateOnly), string(n.Kind), strings.ToLower(n.Agency), n.Language, n.Key()[:6]}, "-") + ".eml"
		var b bytes.Buffer
		if _, err := m.WriteTo(&b); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(s.Out, name), b.Bytes(), 0o600)
	}
	client, err := s.client()
	if err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	if err := client.DialAndSendWithContext(ctx, m); err != nil {
		return tributary.Fix(fmt.Errorf("mail: %s:%d: %w", s.SMTP.Host, s.port(), err), "check notify: smtp: in tributary.yaml; it is tried again")
	}
	return nil
}

func (s *Sender) message(n Notice, at time.Time) (*mail.Msg, error) {
	subject, body, err := n.Text()
	if err != nil {
		return nil, err
	}
	from := s.From
	if from == "" { // in a dry run nobody needs an address
		from = "tributary@localhost"
	}
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := errors.Join(m.From(from), m.To(n.To...)); err != nil {
		return nil, err
	}
	if n.Agency != "" && len(s.To) > 0 { // who is asked to tell us something answers a person
		if err := m.ReplyTo(s.To[0]); err != nil {
			return nil, err
		}
	}
	_, domain, _ := strings.Cut(from, "@")
	m.SetDateWithValue(at)
	m.SetMessageIDWithValue(n.Key() + "@" + domain)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("Content-Language", n.Language)
	m.Subject(subject)
	m.SetBodyString(mail.TypeTextPlain, body)
	return m, nil
}

func (s *Sender) port() int {
	switch {
	case s.SMTP.Port != 0:
		return s.SMTP.Port
	case s.SMTP.TLS == "implicit":
		return 465
	}
	return 587
}

func (s *Sender) client() (*mail.Client, error) {
	roots, err := s.roots(s.SMTP.CAFile)
	if err != nil {
		return nil, err
	}
	o := []mail.Option{mail.WithPort(s.port()), mail.WithTimeout(30 * time.Second), mail.WithTLSPolicy(mail.TLSMandatory),
		mail.WithTLSConfig(&tls.Config{ServerName: s.SMTP.Host, RootCAs: roots, MinVersion: tls.VersionTLS12}), mail.WithHELO("localhost")}
	if s.SMTP.TLS == "implicit" {
		o = append(o, mail.WithSSL())
	}
	if s.SMTP.User != "" {
		password, err := s.Secret(s.SMTP.Password)
		if err != nil {
			return nil, err
		}
		o = append(o, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(s.SMTP.User), mail.WithPassword(password))
	}
	return mail.NewClient(s.SMTP.Host, o...)
}

// roots are the certificates to trust; nil is those of the machine.
func (s *Sender) roots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(s.Dir, file)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("ca_file: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, errors.New("ca_file: holds no certificate")
	}
	return pool, nil
}

// Post sends a notice to the webhook. The address may hold a secret, so no message names more than its host.
func (s *Sender) Post(ctx context.Context, n Notice) error {
	h := s.Webhook
	address, err := s.reference(h.URL)
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	token, err := s.reference(h.Token)
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	roots, err := s.roots(h.CAFile)
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	subject, body, err := n.Text()
	if err != nil {
		return err
	}
	data, err := json.Marshal(struct {
		Notice
		ID      string `json:"id"`
		Subject string `json:"subject"`
		Text    string `json:"text"`
	}{n, n.Key(), subject, body})
	if err != nil {
		return err
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" {
		return tributary.Fix(errors.New("webhook: url is not one of https"), "write https://... behind the reference")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	defer transport.CloseIdleConnections()
	if h.Proxy != "" {
		proxy, err := url.Parse(h.Proxy)
		if err != nil {
			return errors.New("webhook: proxy is no address")
		}
		transport.Proxy = http.ProxyURL(proxy)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("webhook: %s: the request cannot be made", u.Host)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", n.Key())
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	client := &http.Client{Transport: transport, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	got, err := client.Do(r)
	if err != nil {
		var where *url.Error
		if errors.As(err, &where) {
			err = where.Err
		}
		return tributary.Fix(fmt.Errorf("webhook: %s: %w", u.Host, err), "check notify: webhook: in tributary.yaml; it is tried again")
	}
	defer got.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(got.Body, 1<<16))
	if got.StatusCode/100 != 2 {
		return tributary.Fix(fmt.Errorf("webhook: %s: answered %d", u.Host, got.StatusCode), "check notify: webhook: in tributary.yaml; it is tried again")
	}
	return nil
}

func (s *Sender) reference(text string) (string, error) {
	if !strings.HasPrefix(text, "${") {
		return text, nil
	}
	return s.Secret(text)
}
