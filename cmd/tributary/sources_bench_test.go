package main

import (
	"database/sql"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"

	"tributary"
	"tributary/connectors"
	"tributary/connectors/connectortest"
	"tributary/connectors/database"
	"tributary/connectors/remote"
)

var (
	benchFiles = flag.Int("bench-files", 0, "files of 100 kB that TestBenchSFTP pulls; 0 leaves it out")
	benchRows  = flag.Int("bench-rows", 0, "rows that TestBenchPostgres pulls; 0 leaves it out")
)

// pullLimit is times the floor.
const pullLimit = 1.5

// side runs ours and the floor in turn, five times, and prints the verdict over the medians.
func side(t *testing.T, name string, ours, floor func(dir string)) {
	t.Helper()
	var o, f []float64
	seconds := func(do func(dir string)) float64 {
		dir := t.TempDir()
		runtime.GC()
		started := time.Now()
		do(dir)
		took := time.Since(started).Seconds()
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		return took
	}
	for range 5 {
		o, f = append(o, seconds(ours)), append(f, seconds(floor))
	}
	slices.Sort(o)
	slices.Sort(f)
	verdict := "PASS"
	if o[2]/f[2] > pullLimit {
		verdict = "FAIL"
		t.Fail()
	}
	fmt.Printf("%s | %.2f s | %.2f s | %.2f | %.2f | %s\n", name, o[2], f[2], o[2]/f[2], pullLimit, verdict)
}

// TestBenchSFTP holds a pull to OpenSSH's own client over the same server. Ours puts the files safely on
// disk, one by one, and looks at the folder twice; sftp does not.
func TestBenchSFTP(t *testing.T) {
	if *benchFiles == 0 {
		t.Skip("give -bench-files=1000 to measure")
	}
	server, folder := connectortest.StartSSHD(t), t.TempDir()
	for i := range *benchFiles {
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("f%05d.csv", i)), slices.Repeat([]byte("0123456789"), 10_000), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	q := tributary.QuarterOf(time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC))
	ours := func(dir string) {
		c, err := remote.NewSFTP(remote.SFTP{Host: server.Host, Port: server.Port, User: server.User, Key: connectors.NewSecret(server.Key),
			KnownHosts: server.KnownHosts, Place: remote.Place{Path: folder}}, func() time.Time { return time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC) })
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		receipt, err := connectors.Pull(t.Context(), c, dir, "AA", q)
		if err != nil || len(receipt.Files) != *benchFiles {
			t.Fatalf("%d files: %v", len(receipt.Files), err)
		}
	}
	floor := func(dir string) {
		c := exec.Command("sftp", "-q", "-r", "-P", strconv.Itoa(server.Port), "-i", server.KeyFile, "-o", "UserKnownHostsFile="+server.KnownHosts,
			"-o", "BatchMode=yes", server.User+"@"+server.Host+":"+folder, dir)
		if said, err := c.CombinedOutput(); err != nil {
			t.Fatalf("sftp: %v: %s", err, said)
		}
	}
	side(t, fmt.Sprintf("pull %d files of 100 kB over SFTP", *benchFiles), ours, floor)
}

// TestBenchPostgres holds a pull of a view to psql's copy to CSV and the engine's CSV to Parquet.
func TestBenchPostgres(t *testing.T) {
	if *benchRows == 0 {
		t.Skip("give -bench-rows=1000000 to measure")
	}
	p := connectortest.StartPostgres(t)
	psql := func(args ...string) {
		c := exec.Command(filepath.Join(p.Bin, "psql"), append([]string{"-X", "-q", "-v", "ON_ERROR_STOP=1", p.URL()}, args...)...)
		if said, err := c.CombinedOutput(); err != nil {
			t.Fatalf("psql: %v: %s", err, said)
		}
	}
	psql("-c", fmt.Sprintf(`create table visit as select i as visit_id, i %% 9973 as client_id, 'C-' || i %% 9973 as client_no, 'Surname' || i %% 500 as last_name,
		'Given' || i %% 300 as first_name, date '2005-01-01' + i %% 6000 as birth_date, date '2025-04-01' + i %% 90 as held_on,
		timestamp '2025-04-01' + i * interval '7 seconds' as entered_at, (i %% 40)::smallint as service, i %% 3 = 0 as is_first, (i %% 977) / 7.0 as score,
		((i %% 1000) / 10.0)::numeric(8,2) as hours, 'K' || i %% 10 || 'L ' || i %% 7 || 'B' || i %% 9 as postal_code, case i %% 5 when 0 then null else 'open' end as status,
		'613-555-' || lpad((i %% 10000)::text, 4, '0') as phone, 'Kingston' as town, 'note of some length about visit ' || i as remark, i * 3 as a, i * 5::bigint as b,
		md5(i::text) as reference from generate_series(1, %d) as i`, *benchRows), "-c", "alter table visit add primary key (visit_id)", "-c", "vacuum analyze visit")
	const query = "select * from visit order by visit_id"
	q := tributary.QuarterOf(time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC))
	ours := func(dir string) {
		c, err := database.New(database.Config{Engine: "postgres", Host: p.Host, Port: p.Port, Database: p.Database, User: p.Owner,
			Password: connectors.NewSecret(p.Password), CAFile: p.CAFile, Queries: map[string]string{"visit": query}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := connectors.Pull(t.Context(), c, dir, "AA", q); err != nil {
			t.Fatal(err)
		}
	}
	floor := func(dir string) {
		csv := filepath.Join(dir, "visit.csv")
		psql("-c", fmt.Sprintf(`\copy (%s) to '%s' with (format csv, header)`, query, csv))
		db, err := sql.Open("duckdb", "")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec(fmt.Sprintf("copy (from read_csv('%s')) to '%s'", csv, strings.TrimSuffix(csv, "csv")+"parquet")); err != nil {
			t.Fatal(err)
		}
	}
	side(t, fmt.Sprintf("pull %d rows of 20 columns from PostgreSQL to Parquet", *benchRows), ours, floor)
}
