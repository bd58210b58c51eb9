package remote

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"golang.org/x/net/webdav"

	"tributary"
	"tributary/connectors"
	"tributary/connectors/connectortest"
)

const password = "p4ssw0rd-of-the-test"

// web is an HTTPS server of an agency: it lets in who is allowed, and cuts files off half way.
type web struct {
	*httptest.Server
	caFile string
	mu     sync.Mutex
	cut    map[string]bool
}

func startWeb(t *testing.T, allowed func(*http.Request) bool, refuse string, inner http.Handler) *web {
	w := &web{cut: map[string]bool{}}
	w.Server = httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if !allowed(r) {
			rw.WriteHeader(http.StatusForbidden)
			io.WriteString(rw, refuse) //nolint:errcheck // a test
			return
		}
		if w.isCut(r.URL.Path) && r.Method == http.MethodGet && r.URL.Query().Get("prefix") == "" {
			rec := httptest.NewRecorder()
			inner.ServeHTTP(rec, r)
			maps.Copy(rw.Header(), rec.Header())
			rw.Header().Set("Content-Length", fmt.Sprint(rec.Body.Len()))
			rw.WriteHeader(rec.Code)
			rw.Write(rec.Body.Bytes()[:rec.Body.Len()/2]) //nolint:errcheck // a test
			panic(http.ErrAbortHandler)
		}
		inner.ServeHTTP(rw, r)
	}))
	t.Cleanup(w.Close)
	w.caFile = filepath.Join(t.TempDir(), "ca.pem")
	write(t, w.caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.Certificate().Raw}))
	return w
}

func (w *web) cutOff(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut[name] = true
}

func (w *web) isCut(p string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.cut[path.Base(p)]
}

func folderOf(q tributary.Quarter) string {
	return fmt.Sprintf("AA/%s_Q%d", q.FiscalYear(), q.Number())
}

// made finishes a connector of a test.
func made(t *testing.T, c *Connector, err error) *Connector {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	c.pause = noPause
	t.Cleanup(func() { c.Close() })
	return c
}

const where = "drop/{agency}/{fy}_{q}"

func TestWebDAV_passesTheExam(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, ".", func(t *testing.T) connectortest.Place {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "drop", "readme.txt"), []byte("x"))
		w := startWeb(t, func(r *http.Request) bool {
			user, pass, _ := r.BasicAuth()
			return user == "tributary" && pass == password
		}, "no", &webdav.Handler{FileSystem: webdav.Dir(dir), LockSystem: webdav.NewMemLS()})
		connector := func(t *testing.T, change func(*WebDAV)) *Connector {
			s := WebDAV{URL: w.URL, User: "tributary", Password: connectors.NewSecret(password), CAFile: w.caFile, Place: Place{Path: where}}
			change(&s)
			c, err := NewWebDAV(s, farFromNow)
			return made(t, c, err)
		}
		return connectortest.Place{
			Connector: connector(t, func(*WebDAV) {}),
			Publish: func(t *testing.T, q tributary.Quarter, name string, data []byte) {
				write(t, filepath.Join(dir, "drop", folderOf(q), name), data)
			},
			Break:   func(_ *testing.T, _ tributary.Quarter, name string) { w.cutOff(name) },
			Secrets: []string{password, "wrong-passw0rd"},
			Wrong: map[string]func(*testing.T) connectors.Connector{
				"wrong password": func(t *testing.T) connectors.Connector {
					return connector(t, func(s *WebDAV) { s.Password = connectors.NewSecret("wrong-passw0rd") })
				},
				"certificate of nobody": func(t *testing.T) connectors.Connector {
					return connector(t, func(s *WebDAV) { s.CAFile = "" })
				},
			},
		}
	})
}

func TestS3_passesTheExam(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, ".", func(t *testing.T) connectortest.Place {
		store := s3mem.New()
		if err := store.CreateBucket("agency"); err != nil {
			t.Fatal(err)
		}
		w := startWeb(t, func(r *http.Request) bool {
			return strings.Contains(r.Header.Get("Authorization"), "Credential=tributary/")
		},
			`<?xml version="1.0"?><Error><Code>InvalidAccessKeyId</Code><Message>no such key</Message></Error>`, gofakes3.New(store).Server())
		connector := func(t *testing.T, change func(*S3)) *Connector {
			s := S3{Bucket: "agency", Endpoint: w.URL, AccessKey: "tributary", SecretKey: connectors.NewSecret(password), CAFile: w.caFile, Place: Place{Path: where}}
			change(&s)
			c, err := NewS3(s, farFromNow)
			return made(t, c, err)
		}
		put := func(t *testing.T, name string, data []byte) {
			if _, err := store.PutObject("agency", name, map[string]string{}, strings.NewReader(string(data)), int64(len(data)), nil); err != nil {
				t.Fatal(err)
			}
		}
		put(t, "drop/readme.txt", nil)
		return connectortest.Place{
			Connector: connector(t, func(*S3) {}),
			Publish: func(t *testing.T, q tributary.Quarter, name string, data []byte) {
				put(t, path.Join("drop", folderOf(q), name), data)
			},
			Break:   func(_ *testing.T, _ tributary.Quarter, name string) { w.cutOff(name) },
			Secrets: []string{password},
			Wrong: map[string]func(*testing.T) connectors.Connector{
				"wrong password": func(t *testing.T) connectors.Connector {
					return connector(t, func(s *S3) { s.AccessKey = "nobody" })
				},
				"certificate of nobody": func(t *testing.T) connectors.Connector {
					return connector(t, func(s *S3) { s.CAFile = "" })
				},
			},
		}
	})
}

// graph is a stand-in for the few of Microsoft's addresses that a pull uses.
type graph struct {
	mu    sync.Mutex
	files map[string][]byte // by path
	times map[string]time.Time
}

func (g *graph) put(name string, data []byte) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.files[name] = data
	g.times[name] = time.Date(2025, 7, 1, 0, 0, len(g.times), 0, time.UTC).Add(time.Duration(len(data)) * time.Hour)
}

// item describes a path; an id is the path itself, escaped.
func (g *graph) item(p string) map[string]any {
	id := "I" + url.PathEscape(strings.ReplaceAll(p, "/", "|"))
	out := map[string]any{"id": id, "name": path.Base("/" + p), "parentReference": map[string]any{"driveId": "drive", "id": "parent"}}
	stamp := time.Unix(0, 0)
	if data, ok := g.files[p]; ok {
		out["file"], out["size"], stamp = map[string]any{}, len(data), g.times[p]
	} else if p == "" || slices.ContainsFunc(slices.Collect(maps.Keys(g.files)), func(f string) bool { return strings.HasPrefix(f, p+"/") }) {
		out["folder"] = map[string]any{}
	} else {
		return nil
	}
	at := stamp.UTC().Format(time.RFC3339)
	out["lastModifiedDateTime"], out["createdDateTime"] = at, at
	out["fileSystemInfo"] = map[string]any{"lastModifiedDateTime": at, "createdDateTime": at}
	return out
}

func (g *graph) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	answer := func(v any) {
		w.Header().Set("Content-Type", "application/json")
		if v == nil || v.(map[string]any) == nil {
			w.WriteHeader(http.StatusNotFound)
			v = map[string]any{"error": map[string]any{"code": "itemNotFound", "message": "not there"}}
		}
		json.NewEncoder(w).Encode(v) //nolint:errcheck // a test
	}
	if r.URL.Path == "/token" {
		answer(map[string]any{"access_token": "a-token", "token_type": "Bearer", "expires_in": 3600})
		return
	}
	rest, _ := strings.CutPrefix(r.URL.Path, "/v2.0/drives/drive/")
	id, relative, _ := strings.Cut(strings.TrimPrefix(rest, "items/"), ":/")
	if rest == "root" {
		answer(g.item(""))
		return
	}
	id, what, _ := strings.Cut(id, "/")
	if i := strings.Index(id, "#"); i >= 0 {
		id = id[i+1:]
	}
	if full, err := url.PathUnescape(id); err == nil {
		id = full
	}
	at := strings.ReplaceAll(strings.TrimPrefix(id, "I"), "|", "/")
	if relative != "" {
		at = strings.TrimPrefix(path.Join(at, strings.TrimSuffix(relative, ":")), "/")
	}
	switch what {
	case "children":
		children := map[string]any{}
		for f := range g.files {
			if rest, ok := strings.CutPrefix(f, strings.TrimPrefix(at+"/", "/")); ok {
				first, _, _ := strings.Cut(rest, "/")
				children[first] = g.item(strings.TrimPrefix(path.Join(at, first), "/"))
			}
		}
		answer(map[string]any{"value": slices.Collect(maps.Values(children))})
	case "content":
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(g.files[at])))
	default:
		answer(g.item(at))
	}
}

func TestOneDrive_passesTheExamOverAStandIn(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, ".", func(t *testing.T) connectortest.Place {
		g := &graph{files: map[string][]byte{}, times: map[string]time.Time{}}
		g.put("drop/readme.txt", nil)
		w := startWeb(t, func(r *http.Request) bool {
			if r.URL.Path != "/token" {
				return r.Header.Get("Authorization") == "Bearer a-token"
			}
			_, pass, _ := r.BasicAuth()
			return pass == password || r.FormValue("client_secret") == password
		}, `{"error": "invalid_client"}`, g)
		connector := func(t *testing.T, change func(*OneDrive)) *Connector {
			s := OneDrive{Tenant: "agency.example", DriveID: "drive", ClientID: "app", ClientSecret: connectors.NewSecret(password),
				CAFile: w.caFile, Place: Place{Path: where}, standIn: w.URL}
			change(&s)
			c, err := NewOneDrive(s, farFromNow)
			return made(t, c, err)
		}
		return connectortest.Place{
			Connector: connector(t, func(*OneDrive) {}),
			Publish: func(_ *testing.T, q tributary.Quarter, name string, data []byte) {
				g.put(path.Join("drop", folderOf(q), name), data)
			},
			Break: func(_ *testing.T, q tributary.Quarter, name string) {
				w.cutOff("I" + strings.ReplaceAll(path.Join("drop", folderOf(q), name), "/", "|") + "/content")
				w.cutOff("content")
			},
			Secrets: []string{password, "wrong-passw0rd", "a-token"},
			Wrong: map[string]func(*testing.T) connectors.Connector{
				"wrong password": func(t *testing.T) connectors.Connector {
					return connector(t, func(s *OneDrive) { s.ClientSecret = connectors.NewSecret("wrong-passw0rd") })
				},
				"certificate of nobody": func(t *testing.T) connectors.Connector {
					return connector(t, func(s *OneDrive) { s.CAFile = "" })
				},
			},
		}
	})
}

// TestCheck_asksNoProxyOfTheEnvironment: an address that is not of this machine by its name (there the library never
// asks a proxy) is asked by itself. The proxy of the poisoned environment counts who asks it.
func TestCheck_asksNoProxyOfTheEnvironment(t *testing.T) {
	t.Parallel()
	w := startWeb(t, func(*http.Request) bool { return true }, "", http.NotFoundHandler())
	address := strings.Replace(w.URL, "127.0.0.1", "0.0.0.0", 1)
	dav, err := NewWebDAV(WebDAV{Place: Place{Path: "x"}, URL: address, User: "u", Password: connectors.NewSecret(password), CAFile: w.caFile}, farFromNow)
	kinds := []*Connector{made(t, dav, err)}
	bucket, err := NewS3(S3{Place: Place{Path: "x"}, Bucket: "b", Endpoint: address, AccessKey: "u", SecretKey: connectors.NewSecret(password), CAFile: w.caFile}, farFromNow)
	kinds = append(kinds, made(t, bucket, err))
	drive, err := NewOneDrive(OneDrive{Place: Place{Path: "x"}, Tenant: "t", DriveID: "d", ClientID: "c", ClientSecret: connectors.NewSecret(password), CAFile: w.caFile, standIn: address}, farFromNow)
	for _, c := range append(kinds, made(t, drive, err)) {
		if err := c.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("%s: got %v, want the certificate of the server itself", c.server, err)
		}
	}
}

// TestCheck_goesThroughTheProxyOfTheSource: each kind asks the proxy that its source names, and gets in by it.
func TestCheck_goesThroughTheProxyOfTheSource(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		to, err := net.Dial("tcp", r.Host)
		if r.Method != http.MethodConnect || err != nil {
			http.Error(w, "no", http.StatusBadGateway)
			return
		}
		w.WriteHeader(http.StatusOK)
		from, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		go io.Copy(to, from) //nolint:errcheck // a line
		go io.Copy(from, to) //nolint:errcheck // a line
	}))
	t.Cleanup(proxy.Close)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "out", "a.csv"), []byte("x"))
	w := startWeb(t, func(*http.Request) bool { return true }, "", &webdav.Handler{FileSystem: webdav.Dir(dir), LockSystem: webdav.NewMemLS()})
	store := s3mem.New()
	if err := store.CreateBucket("b"); err != nil {
		t.Fatal(err)
	}
	objects := startWeb(t, func(*http.Request) bool { return true }, "", gofakes3.New(store).Server())
	own := ownSSH(t, "a.csv")
	own.Proxy = proxy.URL
	for name, make := range map[string]func() (*Connector, error){
		"webdav": func() (*Connector, error) {
			return NewWebDAV(WebDAV{Place: Place{Path: "out"}, URL: w.URL, Token: connectors.NewSecret("x"), CAFile: w.caFile, Proxy: proxy.URL}, farFromNow)
		},
		"s3": func() (*Connector, error) {
			return NewS3(S3{Place: Place{Path: "."}, Bucket: "b", Endpoint: objects.URL, AccessKey: "u", SecretKey: connectors.NewSecret("x"), CAFile: objects.caFile, Proxy: proxy.URL}, farFromNow)
		},
		"sftp": func() (*Connector, error) { return NewSFTP(own, farFromNow) },
	} {
		c, err := make()
		before := asked.Load()
		if err := made(t, c, err).Check(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if asked.Load() == before {
			t.Errorf("%s does not ask its proxy", name)
		}
	}
}

func TestValidate_allFaultsAtOnce(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		config interface{ Validate() error }
		want   []string
	}{
		{SFTP{}, []string{"path is empty", "host is empty", "user is empty", "neither password nor key", "known_hosts_file is empty"}},
		{SFTP{Place: Place{Path: "../x/{year}", Match: "a/b"}, KnownHosts: "~/known"}, []string{"holds ..", "unknown word {year}", "not a pattern", "holds $ or ~"}},
		{S3{}, []string{"bucket is empty", "access_key or secret_key", "path is empty"}},
		{WebDAV{URL: "http://files.example/"}, []string{"url is not https", "neither user nor token"}},
		{WebDAV{URL: "https://me:secret@files.example/", User: "me"}, []string{"url holds a password", "password is missing"}},
		{OneDrive{}, []string{"tenant is empty", "drive_id is empty", "client_id or client_secret"}},
	} {
		err := tt.config.Validate()
		for _, want := range tt.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%T: got %v, want %q in it", tt.config, err, want)
			}
		}
		if err != nil && strings.Contains(err.Error(), "secret@") {
			t.Errorf("the password is in the message: %v", err)
		}
		if e, ok := err.(interface{ Unwrap() []error }); ok {
			for _, one := range e.Unwrap() {
				if tributary.FixOf(one) == "" {
					t.Errorf("%v has no fix", one)
				}
			}
		}
	}
}
