package main

import (
	"encoding/csv"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tributary/examples/demo"
)

var (
	benchClients = flag.Int("bench-clients", 0, "client records of the area that TestBenchConsole opens; 0 leaves it out")
	benchArea    = flag.String("bench-area", "", "folder that keeps TestBenchConsole's area between runs")
)

const (
	// pageLimit is in seconds, of 95 pages in 100.
	pageLimit = 0.3
	// largestPage is in bytes.
	largestPage = 200_000
	benchUsers  = 10
	// benchEach is between one request of anybody and the next: five a second.
	benchEach = 200 * time.Millisecond
	// benchAsked is how many requests there are: two minutes of them.
	benchAsked = 600
	// idleSpins is what slowness's work takes on an idle core, in seconds.
	idleSpins = 0.045
)

// spins is how much slower than idle the machine is now.
func spins() float64 {
	began, x := time.Now(), uint64(1)
	for range 20_000_000 {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	if x == 0 {
		panic("unreachable")
	}
	return time.Since(began).Seconds() / idleSpins
}

// TestBenchConsole has ten people go through the pages of the console of a large area while a run is under way.
func TestBenchConsole(t *testing.T) {
	for name := range leanly {
		t.Setenv(name, "")
	}
	if *benchClients == 0 {
		t.Skip("give -bench-clients=500000 to measure")
	}
	dir := largeArea(t)
	first := visit(t, dir)
	first.post("/because", "why", "load", "to", "/review")
	users := make([]*visitor, benchUsers)
	users[0] = first
	for i := 1; i < benchUsers; i++ {
		users[i] = first.beside()
	}
	asked, unanswered := askedOf(first)
	first.post("/run", "quarter", "2025-26Q2")
	if home := first.get("/run/progress"); !strings.Contains(home, `"running":true`) {
		t.Fatalf("no run began: %s", home)
	}
	type answer struct {
		kind string
		took float64
		size int
	}
	slow := spins()
	answers := make([]answer, benchAsked)
	began := time.Now()
	var wait sync.WaitGroup
	var next atomic.Int64
	for u, v := range users {
		wait.Go(func() {
			for k := u; k < benchAsked; k += benchUsers {
				due := began.Add(time.Duration(k) * benchEach)
				time.Sleep(time.Until(due))
				page := asked[k%len(asked)]
				var text string
				if page.verdict == "" {
					text = v.get(page.path)
				} else { // each answer is about another pair, and leads to the next one
					at := int(next.Add(1)-1) % len(unanswered)
					text = v.post("/review/"+unanswered[at], "verdict", page.verdict, "why", "load", "seen", "")
				}
				// From the moment on at which the person wanted it: who waits for one page asks late for the next.
				answers[k] = answer{page.kind, time.Since(due).Seconds(), len(text)}
			}
		})
	}
	wait.Wait()
	underWay := strings.Contains(first.get("/run/progress"), `"running":true`)
	slow = max(1, min(3, (slow+spins())/2))
	byKind := map[string][]answer{}
	for _, a := range answers {
		byKind[a.kind] = append(byKind[a.kind], a)
	}
	p95 := func(all []answer) (float64, int) {
		var took []float64
		largest := 0
		for _, a := range all {
			took, largest = append(took, a.took), max(largest, a.size)
		}
		slices.Sort(took)
		return took[(len(took)*95+99)/100-1], largest
	}
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		took, largest := p95(byKind[kind])
		t.Logf("%-28s %3d asked, p95 %.3f s, at most %d bytes", kind, len(byKind[kind]), took, largest)
	}
	took, largest := p95(answers)
	if !underWay {
		t.Error("the run ended before the people did: it was no load")
	}
	fmt.Println("name | ours | floor | ratio | limit | verdict")
	verdict := "PASS"
	if took > pageLimit*slow {
		verdict = "FAIL"
		t.Fail()
	}
	fmt.Printf("a page of the console, %d client records, a run under way, %d users, 5 requests a second: p95, s | %.3f | - | - | %.1f x %.1f | %s\n", *benchClients, benchUsers, took, pageLimit, slow, verdict)
	verdict = "PASS"
	if largest > largestPage {
		verdict = "FAIL"
		t.Fail()
	}
	fmt.Printf("the largest of these pages, kB | %.0f | - | - | %d | %s\n", float64(largest)/1000, largestPage/1000, verdict)
}

// beside is another window of the same person: it has a connection of its own.
func (v *visitor) beside() *visitor {
	out := *v
	out.client.Jar = v.client.Jar
	return &out
}

// askedPage is one request; one with a verdict answers about a pair.
type askedPage struct{ kind, path, verdict string }

var (
	findingLink = regexp.MustCompile(`href="(/deliveries/[^"]+/findings/[^"?]+)"`)
	numberLink  = regexp.MustCompile(`href="(/why\?cell=[^"]*)"`)
	recordName  = regexp.MustCompile(`\b[A-Z]{2}[0-9]:[A-Z]{2}[0-9]-[0-9]+\b`)
)

// askedOf makes the round that people go, from what the pages lead to: the same for the same area. Beside it are keys of
// pairs that the round does not look at: they are there to be answered.
func askedOf(v *visitor) (round []askedPage, unanswered []string) {
	out := []askedPage{{kind: "home", path: "/"}, {kind: "deliveries", path: "/deliveries"}, {kind: "review", path: "/review"}, {kind: "decisions", path: "/review/decisions"},
		{kind: "measures", path: "/measures"}, {kind: "measure", path: "/measures/children_known"}, {kind: "agencies", path: "/agencies"}, {kind: "agency", path: "/agencies/SB1"},
		{kind: "runs", path: "/runs"}, {kind: "audit", path: "/audit"}, {kind: "settings", path: "/settings"}, {kind: "submissions", path: "/submission"}, {kind: "gaps", path: "/gaps"},
		{kind: "delivery", path: "/deliveries/SB1/2025-26Q1"}, {kind: "delivery", path: "/deliveries/TC2/2025-26Q1"},
		{kind: "findings", path: "/deliveries/SB1/2025-26Q1/findings"}, {kind: "findings", path: "/deliveries/SB1/2025-26Q1/findings?page=90"}}
	page := func(kind string, link *regexp.Regexp, on string, most int) {
		for i, m := range link.FindAllStringSubmatch(v.get(on), -1) {
			if i < most {
				out = append(out, askedPage{kind: kind, path: strings.ReplaceAll(m[1], "&amp;", "&")})
			}
		}
	}
	page("finding", findingLink, "/deliveries/SB1/2025-26Q1/findings", 6)
	page("why", numberLink, "/measures", 8)
	page("why", numberLink, "/measures/children_known", 4)
	for i, m := range pairLink.FindAllStringSubmatch(v.get("/review"), -1) {
		if i >= 20 {
			unanswered = append(unanswered, m[1])
			continue
		}
		out = append(out, askedPage{kind: "pair", path: "/review/" + m[1]})
		if record := recordName.FindString(v.get("/review/" + m[1])); record != "" && i < 6 {
			out = append(out, askedPage{kind: "child", path: "/child?of=" + record})
		}
	}
	for _, verdict := range []string{"same", "family", "different", "different", "later", "later"} {
		out = append(out, askedPage{kind: "answer", verdict: verdict})
	}
	chance := rand.New(rand.NewPCG(8, 8))
	chance.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out, unanswered
}

// largeArea is a workspace whose first quarter is published. The folder that keeps it between runs stays as it is: what
// is written once is linked into a folder of the test's own, what changes is copied.
func largeArea(t *testing.T) string {
	t.Helper()
	kept := *benchArea
	if kept == "" {
		kept = t.TempDir()
	}
	if _, err := os.Stat(filepath.Join(kept, "cache", "warehouse", "current")); err != nil {
		writeLargeArea(t, kept, *benchClients)
		began := time.Now()
		must(t, kept, "run", "--quarter", "2025-26Q1")
		t.Logf("the first quarter took %.0f s", time.Since(began).Seconds())
	}
	dir := t.TempDir()
	isWrittenOnce := regexp.MustCompile(`\.(duckdb|parquet|csv)$`)
	err := filepath.WalkDir(kept, func(path string, d fs.DirEntry, err error) error {
		to := filepath.Join(dir, strings.TrimPrefix(path, kept))
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return os.MkdirAll(to, 0o700)
		case isWrittenOnce.MatchString(path) && os.Link(path, to) == nil:
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, data, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// writeLargeArea writes a workspace of thirty agencies who know so many clients, and what they send in two quarters.
func writeLargeArea(t *testing.T, dir string, records int) {
	t.Helper()
	const head = "Number,Last,First,Middle,Born,Sex,Street,Town,Postal,Phone,Email,Carer,Carer Phone,Consent,Opened,Referred,Referred By,Planned,Need,Since,Result"
	type file struct {
		to  *os.File
		csv *csv.Writer
	}
	files := map[string][2]file{}
	towns := map[string]int{}
	p := demo.NewPopulation(demo.PeopleOptions{Records: records})
	i := 0
	for x := range p.All() {
		if _, ok := files[x.Agency]; !ok {
			var pair [2]file
			for q := range pair {
				path := filepath.Join(dir, "drop", x.Agency, fmt.Sprintf("2025-26_Q%d", q+1), "clients.csv")
				put(t, path, nil)
				f, err := os.Create(path)
				if err != nil {
					t.Fatal(err)
				}
				pair[q] = file{f, csv.NewWriter(f)}
				_ = pair[q].csv.Write(strings.Split(head, ",")) // Error tells
			}
			files[x.Agency] = pair
		}
		towns[x.City]++
		for q, f := range files[x.Agency] {
			phone, referred, from, planned, need, since, result := x.Phone, "", "", "", "", "", ""
			day := func(n int) string {
				return time.Date(2025, time.Month(4+3*q), 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n%90).Format(time.DateOnly)
			}
			if q == 1 && i%40 == 0 {
				phone = ""
			}
			if i%10 == 0 {
				referred, from, planned = day(i/10%40), "School", day(40+i/10%40)
			}
			if i%4 == 0 {
				need, since, result = []string{"OT", "PT", "SLP"}[i%3], "2025-01-15", []string{"In place", "Waiting"}[i/4%2]
			}
			consent := "Yes"
			if i%20 == 0 {
				consent = "No"
			}
			_ = f.csv.Write([]string{x.RecordID, x.FamilyName, x.GivenName, x.MiddleName, x.BirthDate, x.Sex, x.StreetAddress, x.City, x.PostalCode, phone, x.Email,
				x.CaregiverName, x.CaregiverPhone, consent, "2024-01-15", referred, from, planned, need, since, result}) // Error tells
		}
		i++
	}
	for code, pair := range files {
		for _, f := range pair {
			f.csv.Flush()
			if err := f.csv.Error(); err != nil {
				t.Fatal(err)
			}
			if err := f.to.Close(); err != nil {
				t.Fatal(err)
			}
		}
		role := "participant"
		if code == "TC1" {
			role = "coordinating_agency"
		}
		put(t, filepath.Join(dir, "agencies", code+".yaml"), []byte(strings.NewReplacer("CODE", code, "ROLE", role).Replace(largeAgency)))
	}
	names := slices.SortedFunc(maps.Keys(towns), func(a, b string) int { return (towns[b]-towns[a])*1000 + strings.Compare(a, b) })
	names = names[:min(len(names), 300)]
	slices.Sort(names)
	settings := "agency: {code: TC1, name: Large Centre}\ndrop: drop\nfirst_quarter: 2025-26Q1\nareas:\n  - name: Large Area\n    municipalities:\n"
	for _, n := range names {
		settings += fmt.Sprintf("      - %q\n", n)
	}
	put(t, filepath.Join(dir, "tributary.yaml"), []byte(settings))
}

const largeAgency = `code: CODE
name: Agency CODE
role: ROLE
category: treatment_centre
language: en
linking: {without_consent: count_only, authority: "an invented clause", scopes: any}
source: {kind: files, path: "CODE/{fy}_{q}"}
date_order: ymd
files: {clients: {name: "clients*.csv", kind: snapshot}}
tables:
  - into: client
    file: clients
    columns:
      client_local_id: Number
      family_name: Last
      given_name: First
      middle_names: Middle
      birth_date: Born
      sex: {from: Sex, codes: {F: female, M: male, X: another}}
      street_address: Street
      municipality: Town
      postal_code: Postal
      phone: Phone
      email: Email
      opened_on: Opened
  - into: caregiver
    file: clients
    columns: {client_local_id: Number, given_name: {from: Carer, when: {Carer: "*"}}, phone: Carer Phone}
  - into: consent
    file: clients
    columns:
      client_local_id: Number
      status: {from: Consent, codes: {Yes: given, No: refused}}
      scope: {value: all_partners}
  - into: referral
    file: clients
    rows: {Referred By: "*"}
    columns:
      client_local_id: Number
      episode_local_id: {value: "1"}
      referred_on: Referred
      direction: {value: in}
      other_party_category: {from: Referred By, codes: {School: school_board}}
  - into: episode
    file: clients
    rows: {Referred By: "*"}
    columns:
      client_local_id: Number
      episode_local_id: {value: "1"}
      programme: {value: csp}
      referral_on: Referred
      intake_on: Referred
      intake_decision: {value: accepted, when: {Referred: "*"}}
      status: {value: active}
  - into: plan
    file: clients
    rows: {Referred By: "*"}
    columns: {client_local_id: Number, episode_local_id: {value: "1"}, written_on: Planned}
  - into: need
    file: clients
    rows: {Need: "*"}
    columns:
      client_local_id: Number
      service_type: {from: Need, codes: {OT: ot, PT: pt, SLP: slp}}
      identified_on: Since
      status: {from: Result, codes: {In place: received, Waiting: waiting}}
`
