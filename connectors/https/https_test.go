package https

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tributary"
	"tributary/connectors"
	"tributary/connectors/connectortest"
)

func TestMain(m *testing.M) { os.Exit(connectortest.Main(m)) }

const password = "p4ssw0rd-of-the-test"

func quarter(t *testing.T) tributary.Quarter {
	t.Helper()
	q, err := tributary.ParseQuarter("2025-26Q1")
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// serve runs a server over TLS; the file holds its certificate.
func serve(t *testing.T, h http.HandlerFunc) (address, caFile string) {
	s := httptest.NewTLSServer(h)
	t.Cleanup(s.Close)
	caFile = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return s.URL, caFile
}

func made(t *testing.T, c Config) *Connector {
	t.Helper()
	out, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	out.pause = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return out
}

// api is an agency's server: records per quarter, two a page.
type api struct {
	mu      sync.Mutex
	records map[string]map[string]string // quarter, name, body
	broken  string
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if r.URL.Path == "/token" {
		_, pass, _ := r.BasicAuth()
		if pass != password && r.FormValue("client_secret") != password {
			w.WriteHeader(http.StatusUnauthorized)
			io.WriteString(w, `{"error": "invalid_client", "error_description": "secret `+r.FormValue("client_secret")+` is wrong"}`) //nolint:errcheck // a test
			return
		}
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"access_token": "a-token", "token_type": "Bearer", "expires_in": 3600}`) //nolint:errcheck // a test
		return
	}
	if r.Header.Get("Authorization") != "Bearer a-token" {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	all := a.records[r.URL.Query().Get("quarter")]
	var names []string
	for n := range all {
		names = append(names, n)
	}
	slices.Sort(names)
	at, _ := strconv.Atoi(r.URL.Query().Get("page"))
	from, to := min((at-1)*2, len(names)), min(at*2, len(names))
	list := []map[string]string{}
	isBroken := false
	for _, n := range names[from:to] {
		list = append(list, map[string]string{"name": n, "body": all[n]})
		isBroken = isBroken || n == a.broken
	}
	data, _ := json.Marshal(map[string]any{"data": map[string]any{"items": list}})
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	if isBroken {
		w.Write(data[:len(data)/2]) //nolint:errcheck // a test
		panic(http.ErrAbortHandler)
	}
	w.Write(data) //nolint:errcheck // a test
}

func TestConnector_passesTheExam(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, ".", func(t *testing.T) connectortest.Place {
		a := &api{records: map[string]map[string]string{}}
		address, caFile := serve(t, a.ServeHTTP)
		connector := func(t *testing.T, change func(*Config)) *Connector {
			c := Config{Address: address, CAFile: caFile, TokenURL: address + "/token", ClientID: "app", ClientSecret: connectors.NewSecret(password),
				Files: map[string]File{"published.json": {URL: "/v1/files?quarter={quarter}", Records: "data.items", Page: &Page{By: "page"}}}}
			change(&c)
			return made(t, c)
		}
		return connectortest.Place{
			Connector: connector(t, func(*Config) {}),
			Publish: func(_ *testing.T, q tributary.Quarter, name string, data []byte) {
				a.mu.Lock()
				defer a.mu.Unlock()
				if a.records[q.String()] == nil {
					a.records[q.String()] = map[string]string{}
				}
				a.records[q.String()][name] = string(data)
			},
			Break: func(_ *testing.T, _ tributary.Quarter, name string) {
				a.mu.Lock()
				defer a.mu.Unlock()
				a.broken = name
			},
			Unpack: func(t *testing.T, files map[string][]byte) map[string][]byte {
				out := map[string][]byte{}
				for _, data := range files {
					var list []map[string]string
					if err := json.Unmarshal(data, &list); err != nil {
						t.Fatal(err)
					}
					for _, r := range list {
						out[r["name"]] = []byte(r["body"])
					}
				}
				return out
			},
			Secrets: []string{password, "wrong-passw0rd", "a-token"},
			Wrong: map[string]func(*testing.T) connectors.Connector{
				"wrong password": func(t *testing.T) connectors.Connector {
					return connector(t, func(c *Config) { c.ClientSecret = connectors.NewSecret("wrong-passw0rd") })
				},
				"wrong key": func(t *testing.T) connectors.Connector {
					return connector(t, func(c *Config) { c.TokenURL, c.Key = "", connectors.NewSecret("wrong-passw0rd") })
				},
				"certificate of nobody": func(t *testing.T) connectors.Connector {
					return connector(t, func(c *Config) { c.CAFile = "" })
				},
			},
		}
	})
}

// TestPull_pages reads ten records in every way of turning pages.
func TestPull_pages(t *testing.T) {
	t.Parallel()
	const total = 10
	number := func(v url.Values, name string, or int) int {
		if n, err := strconv.Atoi(v.Get(name)); err == nil {
			return n
		}
		return or
	}
	for name, tt := range map[string]struct {
		page    Page
		records string
		from    func(v url.Values) int
		answer  func(w http.ResponseWriter, r *http.Request, list []int, next int) any
	}{
		"page, from zero": {Page{By: "page", Parameter: "p", First: new(int), SizeParameter: "n", Size: 3}, "",
			func(v url.Values) int { return number(v, "p", -1) * 3 },
			func(_ http.ResponseWriter, _ *http.Request, list []int, _ int) any { return list }},
		"offset": {Page{By: "offset", SizeParameter: "limit", Size: 3}, "value",
			func(v url.Values) int { return number(v, "offset", -1) },
			func(_ http.ResponseWriter, _ *http.Request, list []int, _ int) any {
				return map[string]any{"value": list}
			}},
		"cursor": {Page{By: "cursor", From: "meta.next", Parameter: "after"}, "data",
			func(v url.Values) int { return number(v, "after", 0) },
			func(_ http.ResponseWriter, _ *http.Request, list []int, next int) any {
				meta := map[string]any{"next": next}
				if next >= total {
					meta["next"] = nil
				}
				return map[string]any{"data": list, "meta": meta}
			}},
		"@odata.nextLink": {Page{By: "next"}, "value",
			func(v url.Values) int { return number(v, "$skip", 0) },
			func(_ http.ResponseWriter, r *http.Request, list []int, next int) any {
				out := map[string]any{"value": list}
				if next < total {
					out["@odata.nextLink"] = fmt.Sprintf("https://%s/list?$skip=%d", r.Host, next)
				}
				return out
			}},
		"Link": {Page{By: "link"}, "",
			func(v url.Values) int { return number(v, "at", 0) },
			func(w http.ResponseWriter, _ *http.Request, list []int, next int) any {
				if next < total {
					w.Header().Set("Link", fmt.Sprintf(`</list>; rel="first", </list?at=%d>; rel="next"`, next))
				}
				return list
			}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			busy := 0
			address, caFile := serve(t, func(w http.ResponseWriter, r *http.Request) {
				// Every other question finds the server busy.
				if busy++; busy%2 == 0 {
					w.Header().Set("Retry-After", "1")
					w.WriteHeader(http.StatusTooManyRequests)
					return
				}
				if r.Header.Get("X-Key") != password {
					w.WriteHeader(http.StatusUnauthorized)
					return
				}
				from := tt.from(r.URL.Query())
				list := []int{}
				for i := from; i < min(from+3, total); i++ {
					list = append(list, i)
				}
				json.NewEncoder(w).Encode(tt.answer(w, r, list, from+3)) //nolint:errcheck // a test
			})
			c := made(t, Config{Address: address, CAFile: caFile, Key: connectors.NewSecret(password), KeyHeader: "X-Key",
				Files: map[string]File{"list_{quarter}.json": {URL: "/list", Records: tt.records, Page: &tt.page}}})
			receipt, err := connectors.Pull(t.Context(), c, t.TempDir(), "AA", quarter(t))
			if err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(filepath.Join(receipt.Folder, "list_2025-26Q1.json"))
			if err != nil {
				t.Fatal(err)
			}
			var got []int
			if err := json.Unmarshal(data, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, got); diff != "" {
				t.Errorf("records differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPull_hostileServers(t *testing.T) {
	t.Parallel()
	elsewhere, _ := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" || r.Header.Get("X-Key") != "" {
			t.Error("the key was sent to another server")
		}
	})
	for name, tt := range map[string]struct {
		file   File
		answer http.HandlerFunc
		want   string
		change func(*Config)
	}{
		"the next page on another server": {File{URL: "/", Page: &Page{By: "next", From: "next"}, Records: "v"}, func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"v": [1], "next": %q}`, elsewhere)
		}, "on another server", nil},
		"pages in a circle": {File{URL: "/", Page: &Page{By: "link"}}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", `</>; rel=next`)
			io.WriteString(w, `[1]`) //nolint:errcheck // a test
		}, "leads back", nil},
		"pages without end": {File{URL: "/", Page: &Page{By: "page"}}, func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `[1]`) //nolint:errcheck // a test
		}, "more than 7 pages", func(c *Config) { c.Pages = 7 }},
		"a file without end": {File{URL: "/"}, func(w http.ResponseWriter, _ *http.Request) {
			for range 100 {
				w.Write(make([]byte, 1000)) //nolint:errcheck // a test
			}
		}, "longer than 50000 bytes", func(c *Config) { c.Size = 50000 }},
		"a packed bomb": {File{URL: "/"}, func(w http.ResponseWriter, r *http.Request) {
			if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
				t.Error("gzip is not asked for")
			}
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			for range 100 {
				z.Write(make([]byte, 10000)) //nolint:errcheck // a test
			}
			z.Close()
		}, "longer than 50000 bytes", func(c *Config) { c.Size = 50000 }},
		"a login page": {File{URL: "/", Page: &Page{By: "link"}}, func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `<html>please log in</html>`) //nolint:errcheck // a test
		}, "is no list", nil},
		"a server that falls silent": {File{URL: "/"}, func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "half") //nolint:errcheck // a test
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, "silent for", func(c *Config) { c.Timeout = connectors.Duration(200 * time.Millisecond) }},
		"ask again tomorrow": {File{URL: "/"}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "86400")
			w.WriteHeader(http.StatusServiceUnavailable)
		}, "asked again in 24h", nil},
		"always broken": {File{URL: "/"}, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
			io.WriteString(w, "Tremblay, Zoé") //nolint:errcheck // a test
		}, "502 Bad Gateway", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, caFile := serve(t, tt.answer)
			c := Config{Address: address, CAFile: caFile, Key: connectors.NewSecret(password), Files: map[string]File{"x.json": tt.file}}
			if tt.change != nil {
				tt.change(&c)
			}
			_, err := connectors.Pull(t.Context(), made(t, c), t.TempDir(), "AA", quarter(t))
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "Tremblay") || errors.Is(err, connectors.ErrNotReady) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
	t.Run("redirect to another place", func(t *testing.T) {
		t.Parallel()
		address, caFile := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere+"/x", http.StatusFound) })
		c := made(t, Config{Address: address, CAFile: caFile, KeyHeader: "X-Key", Key: connectors.NewSecret(password), Files: map[string]File{"x.csv": {URL: "/"}}})
		if _, err := connectors.Pull(t.Context(), c, t.TempDir(), "AA", quarter(t)); err != nil {
			t.Error(err)
		}
	})
}

// TestPull_proxy goes through a proxy only where the source says so.
func TestPull_proxy(t *testing.T) {
	t.Parallel()
	asked := 0
	proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { asked++ }})
	t.Cleanup(proxy.Close)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "a,b\n") })) //nolint:errcheck // a test
	t.Cleanup(server.Close)
	for _, address := range []string{"", proxy.URL} {
		before := asked
		c := made(t, Config{Address: server.URL, Proxy: address, Key: connectors.NewSecret(password), Files: map[string]File{"x.csv": {URL: "/"}}})
		if _, err := connectors.Pull(t.Context(), c, t.TempDir(), "AA", quarter(t)); err != nil {
			t.Fatal(err)
		}
		if (asked > before) != (address != "") {
			t.Errorf("proxy %q: asked %d times", address, asked-before)
		}
	}
}

func TestValidate_allFaultsAtOnce(t *testing.T) {
	t.Parallel()
	err := Config{Address: "http://api.agency.example", TokenURL: "https://x:y@id.example/", User: "u", Files: map[string]File{
		"../x": {URL: "https://other.example/"}, "a.json": {URL: "/a?y={year}", Page: &Page{By: "magic"}}, "b.json": {URL: "/", Records: "x"},
		"c.json": {URL: "/", Page: &Page{By: "cursor", SizeParameter: "n"}}}}.Validate()
	for _, want := range []string{"address is not https", "token_url holds a password", "not one way to be let in", "password is missing", "client_id or client_secret",
		`"../x": not a file name`, "does not start at the address", `by "magic"`, "unknown word {year}", "records without page", "cursor without from", "size_parameter without size"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
	if strings.Contains(err.Error(), "x:y") {
		t.Error("the password is in the message")
	}
}
