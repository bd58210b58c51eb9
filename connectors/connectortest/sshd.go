package connectortest

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// SSHD is OpenSSH's own server on loopback, with keys of its own.
type SSHD struct {
	Host string
	Port int
	User string
	// Key is the private key, in PEM, that it lets in; KeyFile holds it, KnownHosts the server's own key.
	Key, KeyFile, KnownHosts string
}

// Missing skips the test because a part is not installed; where CI is set, in an environment that has to
// have it, that is a failure.
func Missing(t testing.TB, part string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed: make deps", part)
	}
	t.Skipf("left out: %s is not installed (make deps)", part)
}

// StartSSHD runs the server until the test ends, as whoever runs the test.
func StartSSHD(t testing.TB) SSHD {
	t.Helper()
	program, err := exec.LookPath("sshd")
	if err != nil {
		program = "/usr/sbin/sshd"
	}
	if _, err := os.Stat(program); err != nil {
		Missing(t, "openssh-server")
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s := SSHD{Host: "127.0.0.1", Port: freePort(t), User: me.Username, KeyFile: filepath.Join(dir, "key"), KnownHosts: filepath.Join(dir, "known_hosts")}
	hostKey := filepath.Join(dir, "host")
	hostPublic := WriteKey(t, hostKey)
	writeFile(t, filepath.Join(dir, "authorized"), WriteKey(t, s.KeyFile))
	writeFile(t, s.KnownHosts, fmt.Sprintf("[%s]:%d %s", s.Host, s.Port, hostPublic))
	key, err := os.ReadFile(s.KeyFile)
	if err != nil {
		t.Fatal(err)
	}
	s.Key = string(key)
	if me.Uid == "0" {
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	config := filepath.Join(dir, "sshd_config")
	// internal-sftp is OpenSSH's sftp-server without a login shell before it, whose start-up files may take longer
	// than all that is fetched.
	lines := fmt.Sprintf(`Port %d
ListenAddress %s
HostKey %s
AuthorizedKeysFile %s
PidFile none
UsePAM no
StrictModes no
PermitRootLogin yes
PasswordAuthentication yes
KbdInteractiveAuthentication no
MaxStartups 1000
LogLevel ERROR
Subsystem sftp internal-sftp
`, s.Port, s.Host, hostKey, filepath.Join(dir, "authorized"))
	// Newer servers shut out an address after a few wrong passwords.
	writeFile(t, config, lines+"PerSourcePenalties no\n")
	if exec.Command(program, "-t", "-f", config).Run() != nil {
		writeFile(t, config, lines)
	}
	start(t, exec.Command(program, "-D", "-e", "-f", config), dir)
	waitFor(t, net.JoinHostPort(s.Host, fmt.Sprint(s.Port)))
	return s
}

// WriteKey makes a key pair and returns the public half as one line.
func WriteKey(t testing.TB, file string) string {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, file, string(pem.EncodeToMemory(block)))
	line, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return string(ssh.MarshalAuthorizedKey(line))
}

func writeFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// start runs a server until the test ends; what it says is shown when the test fails.
func start(t testing.TB, c *exec.Cmd, dir string) {
	t.Helper()
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	c.Stdout, c.Stderr = log, log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Process.Signal(os.Interrupt) //nolint:errcheck // it may be gone
		done := make(chan struct{})
		go func() { c.Wait(); close(done) }() //nolint:errcheck // ended by us
		select {
		case <-done:
		case <-time.After(5 * time.Second):
			c.Process.Kill() //nolint:errcheck // it may be gone
			<-done
		}
		log.Close()
		if said, err := os.ReadFile(log.Name()); err == nil && t.Failed() {
			t.Logf("%s: %s", filepath.Base(c.Path), strings.TrimSpace(string(said)))
		}
	})
}

func waitFor(t testing.TB, address string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err == nil {
			conn.Close()
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("%s does not answer: %v", address, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
