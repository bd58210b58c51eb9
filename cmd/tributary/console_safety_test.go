package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// bareArea is a workspace without agencies: enough to knock at its door.
func bareArea(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "tributary.yaml"), []byte("agency: {code: A, name: Test Centre}\ndrop: drop\nareas: [{name: Test Area, municipalities: [Cedar Falls]}]\nfirst_quarter: 2025-26Q1\n"))
	return dir
}

// keepAccount makes or changes an account.
func keepAccount(t *testing.T, dir, name, role, password string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "password")
	put(t, file, []byte(password+"\n"))
	if err := os.Chmod(file, 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, dir, "console", "account", name, "--role", role, "--password", "${file:"+file+"}", "--why", "test")
}

// ownCertificate makes a certificate for this machine as an IT person does by hand.
func ownCertificate(t *testing.T) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	bytesOfKey, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	put(t, cert, text)
	put(t, key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: bytesOfKey}))
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	return cert, key, pool
}

// answerOf asks for an address and returns the answer's status, headers and text.
func answerOf(t *testing.T, client *http.Client, r *http.Request) (*http.Response, string) {
	t.Helper()
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{T: t}
	return answer, v.read(answer, nil)
}

// TestConsole_https comes by a certificate of its own, with the one-time address: once.
func TestConsole_https(t *testing.T) {
	t.Parallel()
	cert, key, pool := ownCertificate(t)
	address := startConsole(t, bareArea(t), "anna", "--cert", cert, "--key", key)
	if !strings.HasPrefix(address, "https://127.0.0.1:") {
		t.Fatalf("the address is %s", address)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
	get := func(client *http.Client, path string) (*http.Response, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		if err != nil {
			t.Fatal(err)
		}
		return answerOf(t, client, r)
	}
	answer, _ := get(client, address)
	if c := answer.Cookies(); len(c) != 1 || !c[0].Secure || !c[0].HttpOnly || c[0].SameSite != http.SameSiteStrictMode || answer.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("cookies %v, headers %v", c, answer.Header)
	}
	base, _, _ := strings.Cut(address, "/enter")
	if answer, page := get(client, base+"/"); answer.StatusCode != 200 || !strings.Contains(page, "nothing is published yet") {
		t.Errorf("got %d: %s", answer.StatusCode, page)
	}
	second := &http.Client{Transport: client.Transport}
	if _, page := get(second, address); !strings.Contains(page, "Who is it?") || strings.Contains(page, "anna") {
		t.Errorf("the address opened a second time: %s", page)
	}
	if answer, page := get(&http.Client{}, strings.Replace(base, "https:", "http:", 1)+"/"); answer.StatusCode != 400 || strings.Contains(page, "Tributary") {
		t.Errorf("answered in the clear: %d %s", answer.StatusCode, page)
	}
}

// TestConsole_withoutBrowser types nothing but the program's name where nothing can open a browser: the address is
// printed, and answers.
func TestConsole_withoutBrowser(t *testing.T) {
	t.Parallel()
	c := command(bareArea(t))
	c.Env = append(c.Env, "PATH="+t.TempDir())
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{T: t}
	address := strings.TrimSpace(strings.TrimPrefix(line, "console: "))
	if page := v.read(http.Get(address)); !strings.HasPrefix(address, "http://127.0.0.1:") || !strings.Contains(page, "You are in") { //nolint:noctx,bodyclose // read closes it
		t.Errorf("%s answers:\n%s", address, page)
	}
	if err := errors.Join(c.Process.Signal(os.Interrupt), c.Wait()); err != nil {
		t.Errorf("Ctrl-C: %v", err)
	}
}

// TestConsole_behindProxy answers a proxy by the name that it is known by, to people with an account, who are out as
// soon as theirs is changed.
func TestConsole_behindProxy(t *testing.T) {
	t.Parallel()
	dir := bareArea(t)
	flags := []string{"--behind-proxy", "--host", "tributary.test"}
	if out := string(all(dir, append([]string{"console", "--no-browser", "--listen", "127.0.0.1:0"}, flags...)...)); !strings.Contains(out, "there is no account") || !strings.Contains(out, "fix: make one first: tributary console account NAME") {
		t.Fatalf("behind a proxy without an account: %s", out)
	}
	keepAccount(t, dir, "vera", "viewer", "long enough a password")
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a port that is free is all that is asked
	if err != nil {
		t.Fatal(err)
	}
	at := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if got := startConsole(t, dir, "anna", append(flags, "--listen", at)...); got != "https://tributary.test/" {
		t.Fatalf("the address is %s", got)
	}
	var cookies []*http.Cookie
	ask := func(method, path, host string, form url.Values) (*http.Response, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+at+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		if form != nil {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Origin", "https://"+host)
		}
		for _, c := range cookies {
			r.AddCookie(c)
		}
		return answerOf(t, &http.Client{}, r)
	}
	if answer, page := ask("GET", "/", "tributary.test", nil); answer.StatusCode != 401 || !strings.Contains(page, "Password") {
		t.Errorf("got %d: %s", answer.StatusCode, page)
	}
	if answer, _ := ask("GET", "/", "rebound.example", nil); answer.StatusCode != 421 {
		t.Errorf("another name is answered: %d", answer.StatusCode)
	}
	login := url.Values{"login_name": {"vera"}, "login_password": {"a guess"}}
	if answer, page := ask("POST", "/login", "tributary.test", login); answer.StatusCode != 401 || !strings.Contains(page, "That is not right") {
		t.Errorf("a guess came in: %d", answer.StatusCode)
	}
	login.Set("login_password", "long enough a password")
	answer, page := ask("POST", "/login", "tributary.test", login)
	if cookies = answer.Cookies(); answer.StatusCode != 200 || len(cookies) != 1 || !cookies[0].Secure {
		t.Fatalf("got %d, %v: %s", answer.StatusCode, cookies, page)
	}
	if answer, page := ask("GET", "/", "tributary.test", nil); answer.StatusCode != 200 || !strings.Contains(page, "vera") {
		t.Errorf("got %d: %s", answer.StatusCode, page)
	}
	if answer, _ := ask("GET", "/submission", "tributary.test", nil); answer.StatusCode != 403 {
		t.Errorf("a viewer sees submissions: %d", answer.StatusCode)
	}
	keepAccount(t, dir, "vera", "approver", "long enough a password")
	if answer, _ := ask("GET", "/", "tributary.test", nil); answer.StatusCode != 401 {
		t.Errorf("who was changed is not asked again: %d", answer.StatusCode)
	}
}
