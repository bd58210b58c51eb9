package main

import (
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"golang.org/x/net/webdav"

	"tributary/connectors/connectortest"
)

// exampleExport is what every agency of examples/sources sends.
const exampleExport = `client_id,last_name,first_name,birth_date,postal_code,town,opened_on
1,Hazel,Ana,2016-05-04,K7L 1A1,Cedar Falls,2025-04-02
2,Rowan,Ben,2014-01-22,K7L 1A2,Cedar Falls,2025-05-06
3,Alder,Cem,2018-11-30,K7L 1A3,Port Maitland,2025-06-10
`

// TestExampleSources_pulled runs each workspace of examples/sources as it stands, but for the invented address, against a
// server of its kind. SharePoint and SQL Server are left out: there is none to install.
func TestExampleSources_pulled(t *testing.T) {
	t.Parallel()
	const secret = "p4ssw0rd-of-the-test"
	for kind, serve := range map[string]func(t *testing.T, area string) []string{
		"folder": func(t *testing.T, area string) []string {
			writeExample(t, filepath.Join(area, "drop/exports/AGY_2025-26Q1_clients.csv"))
			writeExample(t, filepath.Join(area, "drop/exports/OTHER_2025-26Q1_clients.csv"))
			return nil
		},
		"sftp": func(t *testing.T, area string) []string {
			sshd, dir := connectortest.StartSSHD(t), t.TempDir()
			writeExample(t, filepath.Join(dir, "outgoing/2025-26_Q1/clients.csv"))
			copyExample(t, sshd.KeyFile, filepath.Join(area, "secrets/agy_key"))
			copyExample(t, sshd.KnownHosts, filepath.Join(area, "known_hosts"))
			return []string{"host: sftp.agency.example", fmt.Sprintf("host: 127.0.0.1\n  port: %d", sshd.Port), "user: tributary", "user: " + sshd.User,
				`path: "/outgoing/`, fmt.Sprintf(`path: "%s/outgoing/`, dir)}
		},
		"s3": func(t *testing.T, area string) []string {
			store := s3mem.New()
			if err := store.CreateBucket("agency-exports"); err != nil {
				t.Fatal(err)
			}
			if _, err := store.PutObject("agency-exports", "2025-26_Q1/clients.csv", map[string]string{}, strings.NewReader(exampleExport), int64(len(exampleExport)), nil); err != nil {
				t.Fatal(err)
			}
			address := serveExample(t, area, gofakes3.New(store).Server())
			return []string{"endpoint: https://objects.agency.example", "ca_file: ca.pem\n  endpoint: " + address}
		},
		"webdav": func(t *testing.T, area string) []string {
			const at = "/remote.php/dav/files/tributary"
			dir := t.TempDir()
			writeExample(t, filepath.Join(dir, "Exports/2025-26_Q1/clients.csv"))
			inner := &webdav.Handler{Prefix: at, FileSystem: webdav.Dir(dir), LockSystem: webdav.NewMemLS()}
			address := serveExample(t, area, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if user, password, _ := r.BasicAuth(); user != "tributary" || password != secret {
					http.Error(w, "no", http.StatusUnauthorized)
					return
				}
				inner.ServeHTTP(w, r)
			}))
			return []string{"url: https://cloud.agency.example", "ca_file: ca.pem\n  url: " + address}
		},
		"postgres": func(t *testing.T, area string) []string {
			pg := connectortest.StartPostgres(t)
			load := exec.Command(filepath.Join(pg.Bin, "psql"), pg.URL(), "-q", "-v", "ON_ERROR_STOP=1",
				"-c", `create database casework`, "-c", `\connect casework`, "-c", `create schema export`,
				"-c", `create table export.clients (client_id int, last_name text, first_name text, birth_date date, postal_code text, town text, opened_on date)`,
				"-c", `create table export.quarters as select '2025-26Q1' as name, true as is_closed`,
				"-c", `create role tributary login password '`+secret+`'`,
				"-c", `grant usage on schema export to tributary`, "-c", `grant select on all tables in schema export to tributary`,
				"-c", `\copy export.clients from pstdin csv header`)
			load.Stdin = strings.NewReader(exampleExport)
			if said, err := load.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, said)
			}
			copyExample(t, pg.CAFile, filepath.Join(area, "ca.pem"))
			return []string{"host: db.agency.example", fmt.Sprintf("host: 127.0.0.1\n  port: %d\n  ca_file: ca.pem", pg.Port)}
		},
		"https": func(t *testing.T, area string) []string {
			address := serveExample(t, area, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, password, _ := r.BasicAuth()
				w.Header().Set("Content-Type", "application/json")
				switch {
				case r.URL.Path == "/oauth2/token" && (password == secret || r.FormValue("client_secret") == secret) && r.FormValue("scope") == "exports.read":
					io.WriteString(w, `{"access_token": "a-token", "token_type": "Bearer", "expires_in": 3600}`) //nolint:errcheck // a test
				case r.Header.Get("Authorization") != "Bearer a-token":
					http.Error(w, "no", http.StatusForbidden)
				case r.URL.Query().Get("opened_until") != "2025-06-30" || r.URL.Query().Get("limit") != "500":
					w.WriteHeader(http.StatusNoContent)
				case r.URL.Query().Get("cursor") == "":
					fmt.Fprintf(w, `{"data": [%s, %s], "meta": {"next_cursor": "second"}}`, exampleRecord(1), exampleRecord(2))
				default:
					fmt.Fprintf(w, `{"data": [%s], "meta": {}}`, exampleRecord(3))
				}
			}))
			return []string{"https://api.agency.example", address + "\n  ca_file: ca.pem", "https://id.agency.example", address, "  proxy: http://proxy.example:8080\n", ""}
		},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			area := filepath.Join(t.TempDir(), "area")
			if err := os.CopyFS(area, os.DirFS(filepath.Join("../../examples/sources", kind))); err != nil {
				t.Fatal(err)
			}
			described := filepath.Join(area, "agencies/AGY.yaml")
			data, err := os.ReadFile(described)
			if err != nil {
				t.Fatal(err)
			}
			text, changes := string(data), serve(t, area)
			for i := 0; i < len(changes); i += 2 {
				if !strings.Contains(text, changes[i]) {
					t.Fatalf("the example has no %q any more", changes[i])
				}
				text = strings.Replace(text, changes[i], changes[i+1], 1)
			}
			if err := os.WriteFile(described, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			step := func(says string, line ...string) {
				c := command(area, line...)
				c.Env = append(c.Env, "AGY_S3_SECRET="+secret, "AGY_CLOUD="+secret, "AGY_DB="+secret, "AGY_API="+secret)
				said, err := c.CombinedOutput()
				if !strings.Contains(string(said), says) {
					t.Fatalf("tributary %s: %v, and does not say %q:\n%s", line, err, says, said)
				}
				if strings.Contains(string(said), secret) {
					t.Errorf("tributary %s: the password is printed", line)
				}
			}
			step("ok   source AGY: can be reached", "doctor", "AGY")
			step("2025-26Q1: 1 files are landed", "pull", "--quarter", "2025-26Q1")
			files, err := filepath.Glob(filepath.Join(area, "kept/landing/blob/*/*"))
			if err != nil || len(files) != 1 {
				t.Fatalf("landed are %q: %v", files, err)
			}
			if got, err := os.ReadFile(files[0]); err != nil {
				t.Fatal(err)
			} else if string(got) == exampleExport {
				return
			}
			// What did not come as it lay there, but as records or with types, is counted by a run.
			step("published as generation 1", "run", "--quarter", "2025-26Q1")
			step("\n3\n", "sql", "--csv", "select value from release.cell where cell_id = 'children_known@2025-26Q1'")
		})
	}
}

// exampleRecord is a row of the export as JSON.
func exampleRecord(row int) string {
	lines := strings.Split(exampleExport, "\n")
	values := strings.Split(lines[row], ",")
	var pairs []string
	for i, name := range strings.Split(lines[0], ",") {
		pairs = append(pairs, fmt.Sprintf("%q: %q", name, values[i]))
	}
	return "{" + strings.Join(pairs, ", ") + "}"
}

// serveExample answers over TLS; ca.pem of the area holds the server's certificate.
func serveExample(t *testing.T, area string, h http.Handler) string {
	s := httptest.NewTLSServer(h)
	t.Cleanup(s.Close)
	if err := os.WriteFile(filepath.Join(area, "ca.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return s.URL
}

func writeExample(t *testing.T, path string) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(exampleExport), 0o600); err != nil {
		t.Fatal(err)
	}
}

func copyExample(t *testing.T, from, to string) {
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
