package connectortest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// Postgres is PostgreSQL's own server on loopback, with TLS and data of its own.
type Postgres struct {
	Host string
	Port int
	// Owner may do everything; its password is Password, as is that of every role that a test makes.
	Owner, Password, Database string
	// CAFile holds the certificate by which the server is known; Bin the programs beside it (psql).
	CAFile, Bin string
}

// URL is the address for the owner.
func (p Postgres) URL() string {
	return fmt.Sprintf("host=%s port=%d user=%s password=%s dbname=%s sslmode=verify-full sslrootcert=%s", p.Host, p.Port, p.Owner, p.Password, p.Database, p.CAFile)
}

// StartPostgres runs the server until the test ends. The server refuses to be run by root: then it is run
// by the account that its package makes.
func StartPostgres(t testing.TB) Postgres {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		Missing(t, "postgresql")
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	p := Postgres{Host: "127.0.0.1", Port: freePort(t), Owner: "owner", Password: "p4ssw0rd-of-the-test", Database: "postgres", Bin: filepath.Dir(found[len(found)-1])}
	dir, err := os.MkdirTemp("", "postgres")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	var as []string
	own := func(string) {}
	if me.Uid == "0" {
		who, err := user.Lookup("postgres")
		if err != nil {
			Missing(t, "the account postgres")
		}
		as = []string{"setpriv", "--reuid=" + who.Uid, "--regid=" + who.Gid, "--clear-groups"}
		own = func(path string) {
			uid, _ := strconv.Atoi(who.Uid)
			gid, _ := strconv.Atoi(who.Gid)
			if err := os.Chown(path, uid, gid); err != nil {
				t.Fatal(err)
			}
		}
	}
	own(dir)
	at := func(name string) string { return filepath.Join(dir, name) }
	p.CAFile = filepath.Join(t.TempDir(), "ca.pem")
	writeFile(t, at("password"), p.Password)
	writeCertificate(t, p.CAFile, at("server.crt"), at("server.key"))
	for _, name := range []string{"password", "server.crt", "server.key"} {
		own(at(name))
	}
	command := func(name string, args ...string) *exec.Cmd {
		line := append(append(append([]string{}, as...), filepath.Join(p.Bin, name)), args...)
		c := exec.Command(line[0], line[1:]...)
		c.Dir, c.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
		return c
	}
	if said, err := command("initdb", "-D", at("data"), "-A", "scram-sha-256", "-U", p.Owner, "--pwfile="+at("password"), "-E", "UTF8", "--locale=C", "--no-sync").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v: %s", err, said)
	}
	start(t, command("postgres", "-D", at("data"), "-p", strconv.Itoa(p.Port), "-k", dir, "-c", "listen_addresses="+p.Host, "-c", "fsync=off",
		"-c", "ssl=on", "-c", "ssl_cert_file="+at("server.crt"), "-c", "ssl_key_file="+at("server.key")), t.TempDir())
	waitFor(t, net.JoinHostPort(p.Host, strconv.Itoa(p.Port)))
	for range 500 {
		if command("pg_isready", "-q", "-h", p.Host, "-p", strconv.Itoa(p.Port)).Run() == nil {
			return p
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("PostgreSQL does not become ready")
	return p
}

// writeCertificate makes a certificate for loopback that is its own authority.
func writeCertificate(t testing.TB, ca, certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2120, 1, 1, 0, 0, 0, 0, time.UTC), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}))
	writeFile(t, ca, text)
	writeFile(t, certificate, text)
	writeFile(t, key, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
}
