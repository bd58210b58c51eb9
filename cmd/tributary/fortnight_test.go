package main

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"golang.org/x/net/webdav"

	"tributary/connectors/connectortest"
	"tributary/pipelines/calendar"
)

// marked are words of the files that may stand in no mail, log or status.
var marked = []string{"Zebulon", "Canarie", "4111-77", "2015-01-02"}

const fortnightSecret = "p4ssw0rd-of-the-test"

// outside is all that lies beyond the workspace: five agencies' servers, a mail server, a webhook.
type outside struct {
	dir     string
	drops   string // what SSH and DAV lay out
	bucket  *s3mem.Backend
	records atomic.Value // of API
	isShut  atomic.Bool  // DAV lets nobody in
	isFull  atomic.Bool  // the mail server takes nothing
	run     func(sql string)

	mu    sync.Mutex
	now   time.Time
	mails []string
	texts []string
	hooks []string
}

func (o *outside) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *outside) shown() string { return o.clock().In(calendar.Toronto()).Format("01-02 15:04") }

// NewSession and the rest are a mail server that keeps what it takes.
func (o *outside) NewSession(*smtp.Conn) (smtp.Session, error) { return o, nil }
func (o *outside) Mail(string, *smtp.MailOptions) error        { return nil }
func (o *outside) Rcpt(string, *smtp.RcptOptions) error        { return nil }
func (o *outside) Reset()                                      {}
func (o *outside) Logout() error                               { return nil }

func (o *outside) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	if o.isFull.Load() {
		return &smtp.SMTPError{Code: 452, Message: "mailbox full"}
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	body, err2 := io.ReadAll(quotedprintable.NewReader(m.Body))
	at := o.shown()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.mails = append(o.mails, fmt.Sprintf("%s %s: %s", at, strings.Trim(m.Header.Get("To"), "<>"), subject))
	o.texts = append(o.texts, fmt.Sprint(m.Header, string(body)))
	return errors.Join(err, err2)
}

// startOutside starts the servers; all that speak TLS show one certificate.
func startOutside(t *testing.T) (o *outside, words map[string]string) {
	t.Helper()
	o = &outside{dir: t.TempDir(), drops: t.TempDir(), bucket: s3mem.New()}
	o.records.Store("[]")
	if err := o.bucket.CreateBucket("exports"); err != nil {
		t.Fatal(err)
	}
	dav := &webdav.Handler{FileSystem: webdav.Dir(filepath.Join(o.drops, "DAV")), LockSystem: webdav.NewMemLS(), Prefix: "/dav"}
	mux := http.NewServeMux()
	mux.HandleFunc("/dav/", func(w http.ResponseWriter, r *http.Request) {
		if _, pass, _ := r.BasicAuth(); pass != fortnightSecret || o.isShut.Load() {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		dav.ServeHTTP(w, r)
	})
	mux.HandleFunc("/api/clients", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, fmt.Sprintf(`{"items": %s}`, o.records.Load())) //nolint:errcheck // a test
	})
	mux.HandleFunc("/hook", func(w http.ResponseWriter, r *http.Request) {
		var n struct{ Kind, Agency string }
		if err := json.NewDecoder(r.Body).Decode(&n); err != nil {
			t.Error(err)
		}
		at := o.shown()
		o.mu.Lock()
		defer o.mu.Unlock()
		o.hooks = append(o.hooks, strings.TrimSpace(at+" "+n.Kind+" "+n.Agency))
	})
	web, objects := httptest.NewTLSServer(mux), httptest.NewTLSServer(gofakes3.New(o.bucket).Server())
	t.Cleanup(web.Close)
	t.Cleanup(objects.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw})
	post := smtp.NewServer(o)
	post.Domain, post.TLSConfig = "localhost", web.TLS
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go post.Serve(l) //nolint:errcheck // ends with the test
	t.Cleanup(func() { post.Close() })

	sshd, pg := connectortest.StartSSHD(t), connectortest.StartPostgres(t)
	o.run = func(text string) {
		t.Helper()
		if said, err := exec.Command(filepath.Join(pg.Bin, "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", pg.URL(), "-c", text).CombinedOutput(); err != nil {
			t.Fatalf("psql: %v: %s", err, said)
		}
	}
	for _, folder := range []string{"SSH", "DAV"} {
		if err := os.MkdirAll(filepath.Join(o.drops, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	pgCA, err := os.ReadFile(pg.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	known, err := os.ReadFile(sshd.KnownHosts)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"ca.pem": ca, "db.pem": pgCA, "known_hosts": known, "secrets/key": []byte(sshd.Key)} {
		o.write(t, filepath.Join(o.dir, name), string(data))
	}
	words = map[string]string{"WEB": web.URL, "S3": objects.URL, "SMTP_PORT": fmt.Sprint(l.Addr().(*net.TCPAddr).Port), "DROPS": o.drops,
		"SSH_PORT": fmt.Sprint(sshd.Port), "SSH_USER": sshd.User, "PG_PORT": fmt.Sprint(pg.Port), "PG_USER": pg.Owner}
	return o, words
}

func (o *outside) write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

const fortnightArea = `agency: {code: CA, name: Test Centre, name_fr: Centre d'essai}
areas: [{name: Test Area, municipalities: [Cedar Falls]}]
first_quarter: 2025-26Q1
due_days_after_quarter_end: 15
language: en
serve: {schedule: "30 6 * * 1-5", listen: "off", letters: true}
notify:
  to: [analyst@ca.example]
  agencies: true
  remind_days: 4
  digest: "0 8 * * 1"
  from: tributary@ca.example
  smtp: {host: 127.0.0.1, port: $SMTP_PORT, ca_file: ca.pem}
  webhook: {url: "${env:HOOK}", ca_file: ca.pem}
`

const fortnightAgency = `code: $CODE
name: Agency $CODE
name_fr: Organisme $CODE
role: participant
category: health
language: $LANG
contacts: [{role: data, email: $LANG@$CODE.example, language: $LANG}]
linking: {without_consent: count_only, authority: "test", scopes: [any]}
source: $SOURCE
date_order: ymd
files: {clients: {name: "clients*", kind: snapshot}}
tables:
  - into: client
    file: clients
    columns: {client_local_id: id, family_name: last, given_name: first, birth_date: born}
`

var fortnightSources = map[string]string{
	"SSH": `{kind: sftp, host: 127.0.0.1, port: $SSH_PORT, user: $SSH_USER, key: "${file:secrets/key}", known_hosts_file: known_hosts, path: "$DROPS/SSH/{fy}_{q}"}`,
	"DAV": `{kind: webdav, url: "$WEB/dav/", user: tributary, password: "${env:SECRET}", ca_file: ca.pem, path: "{fy}_{q}"}`,
	"BKT": `{kind: s3, endpoint: "$S3", bucket: exports, access_key: tributary, secret_key: "${env:SECRET}", ca_file: ca.pem, path: "{fy}_{q}"}`,
	"API": `{kind: https, address: "$WEB", key: "${env:SECRET}", ca_file: ca.pem, files: {clients.json: {url: /api/clients, records: items, page: {by: next}}}}`,
	"DBS": `{kind: database, engine: postgres, host: 127.0.0.1, port: $PG_PORT, database: postgres, user: $PG_USER, password: "${env:SECRET}", ca_file: db.pem,
  queries: {clients: "select * from export.clients order by id"}, ready: "select is_closed from export.quarters where name = {quarter}"}`,
}

// TestFortnight lets serve work through the two weeks around a due day, in time that jumps from one look to the next,
// with real servers for five agencies, mail and a webhook: it pulls, reminds, complains, catches up after a power cut,
// and returns letters.
func TestFortnight(t *testing.T) {
	t.Parallel()
	o, words := startOutside(t)
	fill := func(text string, more map[string]string) string {
		return os.Expand(text, func(name string) string {
			if v, ok := more[name]; ok {
				return v
			}
			if v, ok := words[name]; ok {
				return v
			}
			return "${" + name + "}"
		})
	}
	o.write(t, filepath.Join(o.dir, "tributary.yaml"), fill(fortnightArea, nil))
	for code, source := range fortnightSources {
		lang := "en"
		if code == "SSH" || code == "DBS" {
			lang = "fr"
		}
		o.write(t, filepath.Join(o.dir, "agencies", code+".yaml"), fill(fortnightAgency, map[string]string{"CODE": code, "LANG": lang, "SOURCE": fill(source, nil)}))
	}
	csv := func(rows ...string) string { return "id,last,first,born\n" + strings.Join(rows, "\n") + "\n" }
	good, bad := "4111-77,Zebulon,Canarie,2015-01-02", "4111-78,Zebulon,Canarie,some day"
	o.run(`create schema export; create table export.quarters (name text, is_closed boolean); create table export.clients (id text, last text, first text, born date);
		insert into export.clients values ('4111-77-D', 'Zebulon', 'Canarie', '2015-01-02')`)

	var said strings.Builder
	at := func(day, clock string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04", "2025-07-"+day+" "+clock, calendar.Toronto())
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	p := &program{in: strings.NewReader(""), out: io.Discard, err: &said, dir: o.dir, now: o.clock, threads: 1, env: func(name string) string {
		return map[string]string{"SECRET": fortnightSecret, "HOOK": words["WEB"] + "/hook", "TRIBUTARY_WHO": "serve"}[name]
	}}
	type event struct {
		at time.Time
		do func()
	}
	trouble := filepath.Join(o.dir, "cache", "warehouse")
	events := []event{
		{at("08", "05:00"), func() {
			o.write(t, filepath.Join(o.drops, "SSH", "2025-26_Q1", "clients.csv"), csv(good, bad))
			data := csv(strings.Replace(good, "77", "77-B", 1))
			if _, err := o.bucket.PutObject("exports", "2025-26_Q1/clients.csv", map[string]string{}, strings.NewReader(data), int64(len(data)), nil); err != nil {
				t.Error(err)
			}
		}},
		{at("10", "05:00"), func() { // DAV has delivered, and lets nobody in for two hours
			o.write(t, filepath.Join(o.drops, "DAV", "2025-26_Q1", "clients.csv"), csv(strings.Replace(good, "77", "77-V", 1)))
			o.isShut.Store(true)
		}},
		{at("10", "07:00"), func() { o.isShut.Store(false); o.isFull.Store(true) }}, // now the mail server is full
		{at("10", "08:00"), func() { o.isFull.Store(false) }},
		{at("15", "05:00"), func() { // something lies where the numbers are kept
			if err := errors.Join(os.Rename(trouble, trouble+".away"), os.WriteFile(trouble, nil, 0o600)); err != nil {
				t.Error(err)
			}
		}},
		{at("15", "06:45"), func() {
			if err := errors.Join(os.Remove(trouble), os.Rename(trouble+".away", trouble)); err != nil {
				t.Error(err)
			}
		}},
		{at("17", "15:00"), func() { // SSH sends its file again, mended; DBS has closed the quarter
			o.run("insert into export.quarters values ('2025-26Q1', true)")
			o.records.Store(`[{"id": "4111-77-A", "last": "Zebulon", "first": "Canarie", "born": "2015-01-02"}]`)
			o.write(t, filepath.Join(o.drops, "SSH", "2025-26_Q1", "clients.csv"), csv(good))
		}},
	}
	// From Wednesday noon to Friday ten o'clock there is no power.
	dark, light, end := at("16", "12:00"), at("18", "10:00"), at("22", "06:00")
	log, health := slog.New(slog.NewJSONHandler(&said, nil)), &served{now: o.clock, states: map[string]int{}}
	var looks, status []string
	o.now = at("08", "06:30")
	for o.clock().Before(end) {
		for len(events) > 0 && !events[0].at.After(o.clock()) {
			events[0].do()
			events = events[1:]
		}
		pulled, failures := health.pulled, health.failures
		next := p.look(t.Context(), log, health)
		looks = append(looks, fmt.Sprintf("%s pulled %d, unreached %d, failed %d", o.shown(), health.pulled-pulled, health.unreached, health.failures-failures))
		if o.shown() == "07-16 06:30" {
			status = append(status, o.answer(t, p, "status"))
		}
		if next.After(dark) && next.Before(light) {
			next = light
		}
		if !next.After(o.clock()) {
			t.Fatalf("%s: the next look is not later", o.shown())
		}
		o.now = next
	}
	same := func(what string, got []string, want string) {
		t.Helper()
		if diff := cmp.Diff(strings.Split(strings.TrimSpace(want), "\n"), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	same("looks", looks, `
07-08 06:30 pulled 5, unreached 0, failed 0
07-09 06:30 pulled 5, unreached 0, failed 0
07-10 06:30 pulled 5, unreached 1, failed 0
07-10 06:35 pulled 1, unreached 1, failed 0
07-10 06:45 pulled 1, unreached 1, failed 0
07-10 07:05 pulled 1, unreached 0, failed 1
07-10 07:10 pulled 0, unreached 0, failed 1
07-10 07:20 pulled 0, unreached 0, failed 1
07-10 07:40 pulled 0, unreached 0, failed 1
07-10 08:20 pulled 0, unreached 0, failed 0
07-11 06:30 pulled 5, unreached 0, failed 0
07-14 06:30 pulled 5, unreached 0, failed 0
07-14 08:00 pulled 0, unreached 0, failed 0
07-15 06:30 pulled 5, unreached 0, failed 1
07-15 06:35 pulled 5, unreached 0, failed 1
07-15 06:45 pulled 5, unreached 0, failed 0
07-16 06:30 pulled 5, unreached 0, failed 0
07-18 10:00 pulled 5, unreached 0, failed 0
07-21 06:30 pulled 5, unreached 0, failed 0
07-21 08:00 pulled 0, unreached 0, failed 0`)
	same("mails", o.mails, `
07-08 06:30 en@BKT.example: 2025-26Q1: files of Agency BKT were received: accepted
07-08 06:30 fr@SSH.example: 2025-26Q1, Organisme SSH : fichiers arrivés, livraison acceptée, avec des points à confirmer
07-08 06:30 analyst@ca.example: Deliveries of 2025-26Q1
07-09 06:30 en@API.example: 2025-26Q1: files of Agency API are due on July 15, 2025
07-09 06:30 en@DAV.example: 2025-26Q1: files of Agency DAV are due on July 15, 2025
07-09 06:30 fr@DBS.example: 2025-26Q1, Organisme DBS : fichiers attendus le 15 juillet 2025
07-10 08:20 en@DAV.example: 2025-26Q1: files of Agency DAV were received: accepted
07-14 08:00 analyst@ca.example: Deliveries of 2025-26Q1
07-15 06:30 analyst@ca.example: Tributary: the run of 2025-26Q1 failed
07-16 06:30 en@API.example: 2025-26Q1: files of Agency API are late
07-16 06:30 fr@DBS.example: 2025-26Q1, Organisme DBS : fichiers en retard
07-18 10:00 en@API.example: 2025-26Q1: files of Agency API were received: accepted
07-18 10:00 fr@DBS.example: 2025-26Q1, Organisme DBS : fichiers arrivés, livraison acceptée
07-18 10:00 fr@SSH.example: 2025-26Q1, Organisme SSH : fichiers arrivés, livraison acceptée
07-18 10:00 analyst@ca.example: 2025-26Q1 is ready to approve
07-21 08:00 analyst@ca.example: Deliveries of 2025-26Q1`)
	// The webhook hears the same, at once where only the mail server was full.
	same("webhook", o.hooks, `
07-08 06:30 received BKT
07-08 06:30 received SSH
07-08 06:30 digest
07-09 06:30 reminder API
07-09 06:30 reminder DAV
07-09 06:30 reminder DBS
07-10 07:05 received DAV
07-14 08:00 digest
07-15 06:30 run_failed
07-16 06:30 late API
07-16 06:30 late DBS
07-18 10:00 received API
07-18 10:00 received DBS
07-18 10:00 received SSH
07-18 10:00 ready
07-21 08:00 digest`)
	for _, line := range []string{"API     expected*", "BKT     accepted\n", "SSH     accepted+", "API 2025-26Q1 is expected, was due on 2025-07-15: ask en@API.example (data, en)"} {
		if !strings.Contains(status[0], line) {
			t.Errorf("status of the 16th lacks %q:\n%s", line, status[0])
		}
	}
	if last := o.answer(t, p, "status"); strings.Contains(last, "ask ") || strings.Count(last, "accepted") < 5 {
		t.Errorf("status at the end:\n%s", last)
	}
	if digest := o.texts[len(o.texts)-1]; !strings.Contains(digest, "API: accepted") || !strings.Contains(digest, "SSH: accepted") {
		t.Errorf("the last digest:\n%s", digest)
	}
	var landed []string
	for line := range strings.Lines(o.answer(t, p, "status", "--files")) {
		landed = append(landed, strings.Join(strings.Fields(line)[:4], " "))
	}
	same("landed", landed, `
AGENCY FILE VERSION RECEIVED
API clients.json 1 2025-07-18
BKT clients.csv 1 2025-07-08
DAV clients.csv 1 2025-07-10
DBS clients.parquet 1 2025-07-18
SSH clients.csv 1 2025-07-08
SSH clients.csv 2 2025-07-18`)
	// Letters lie beside the files, where there are folders; else in the workspace.
	for _, file := range []string{"SSH/2025-26_Q1/feedback/letter-fr.xlsx", "DAV/2025-26_Q1/feedback/letter-en.xlsx"} {
		if _, err := os.Stat(filepath.Join(o.drops, filepath.FromSlash(file))); err != nil {
			t.Error(err)
		}
	}
	if _, err := o.bucket.HeadObject("exports", "2025-26_Q1/feedback/letter-en.xlsx"); err != nil {
		t.Error(err)
	}
	if found, err := filepath.Glob(filepath.Join(o.dir, "out", "2025-26Q1", "feedback", "API*", "letter-en.xlsx")); err != nil || len(found) != 1 {
		t.Errorf("letters of API: %v %v", found, err)
	}
	w, err := p.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	facts, err := w.Ledger.Current(t.Context(), "notice")
	if err != nil || len(facts) != len(o.mails)+len(o.hooks) {
		t.Errorf("%d notices in the ledger, %d were sent: %v", len(facts), len(o.mails)+len(o.hooks), err)
	}
	for _, text := range append(slices.Concat(o.texts, o.hooks, status), said.String()) {
		for _, word := range marked {
			if strings.Contains(text, word) {
				t.Errorf("%q stands in:\n%s", word, text)
			}
		}
	}
	for _, text := range o.texts {
		if strings.Contains(text, "clients") {
			t.Errorf("a mail names a file:\n%s", text)
		}
	}
}

// answer is what a command prints.
func (o *outside) answer(t *testing.T, p *program, args ...string) string {
	t.Helper()
	var out strings.Builder
	q := *p
	q.out = &out
	if code := q.run(t.Context(), append([]string{"-C", o.dir}, args...)); code != exitDone {
		t.Errorf("%v: exit %d", args, code)
	}
	return out.String()
}
