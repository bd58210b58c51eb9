package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"tributary"
	"tributary/connectors"
	"tributary/connectors/connectortest"
)

// line is a way to a server that breaks after so many bytes from it; then it stays broken, or the next
// connection goes through.
type line struct {
	net.Listener
	to       string
	left     atomic.Int64
	isDead   atomic.Bool
	staysOff bool
	mu       sync.Mutex
	open     []net.Conn
}

// cut ends all connections.
func (l *line) cut() {
	l.left.Store(1 << 40)
	l.isDead.Store(l.staysOff)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.open {
		c.Close()
	}
	l.open = nil
}

func (l *line) serve() {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go l.carry(c)
	}
}

func (l *line) carry(c net.Conn) {
	defer c.Close()
	if l.isDead.Load() {
		return
	}
	s, err := net.Dial("tcp", l.to)
	if err != nil {
		return
	}
	defer s.Close()
	l.mu.Lock()
	l.open = append(l.open, c, s)
	l.mu.Unlock()
	go func() {
		io.Copy(s, c) //nolint:errcheck // a line
		s.Close()
	}()
	buf := make([]byte, 1<<15)
	for {
		n, err := s.Read(buf)
		if left := l.left.Add(int64(-n)); left < 0 {
			c.Write(buf[:max(int64(n)+left, 0)]) //nolint:errcheck // a line
			l.cut()
			return
		}
		if _, werr := c.Write(buf[:n]); err != nil || werr != nil {
			return
		}
	}
}

// TestPull_lineCutAnywhere cuts the line at 200 places: a delivery is there whole or not at all, and the next
// pull completes it.
func TestPull_lineCutAnywhere(t *testing.T) {
	t.Parallel()
	cuts := 200
	if testing.Short() {
		cuts = 20
	}
	server := connectortest.StartSSHD(t)
	hostKey, err := os.ReadFile(server.KnownHosts)
	if err != nil {
		t.Fatal(err)
	}
	p, q := sshPlace{server, t.TempDir()}, quarter(t)
	r := rand.New(rand.NewPCG(6, 200))
	want := map[string][]byte{}
	for i := range 3 {
		data := make([]byte, 20_000)
		for j := range data {
			data[j] = byte(r.Uint32())
		}
		name := fmt.Sprintf("%d.csv", i)
		want[name] = data
		write(t, p.file(q, name), data)
	}
	places := make(chan int64, cuts)
	for range cuts {
		places <- r.Int64N(70_000) // all that comes from the server in a pull, keys and listings too
	}
	close(places)
	var whole, absent atomic.Int64
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for at := range places {
				l := &line{to: net.JoinHostPort(server.Host, fmt.Sprint(server.Port)), staysOff: (at+int64(worker))%2 == 0}
				if l.Listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
					t.Error(err)
					return
				}
				l.left.Store(at)
				go l.serve()
				port := l.Addr().(*net.TCPAddr).Port
				known := filepath.Join(t.TempDir(), "known_hosts")
				write(t, known, []byte(strings.Replace(string(hostKey), fmt.Sprint(server.Port), fmt.Sprint(port), 1)))
				c := p.connector(t, func(s *SFTP) { s.Port, s.KnownHosts = port, known })
				c.pause = noPause
				inbox := t.TempDir()
				receipt, err := connectors.Pull(t.Context(), c, inbox, "AA", q)
				got := readAll(t, filepath.Join(inbox, "AA", q.String()))
				switch {
				case err == nil && cmp.Equal(want, got) && len(receipt.Files) == 3:
					whole.Add(1)
				case err != nil && len(got) == 0 && !errors.Is(err, connectors.ErrNotReady):
					absent.Add(1)
				default:
					t.Errorf("cut after %d bytes: error %v and %d files", at, err, len(got))
				}
				l.left.Store(1 << 40)
				l.isDead.Store(false)
				if _, err := connectors.Pull(t.Context(), c, inbox, "AA", q); err != nil {
					t.Errorf("cut after %d bytes: the next pull: %v", at, err)
				}
				if !cmp.Equal(want, readAll(t, filepath.Join(inbox, "AA", q.String()))) {
					t.Errorf("cut after %d bytes: the next pull is not whole", at)
				}
				c.Close()
				l.Close()
			}
		})
	}
	all.Wait()
	t.Logf("%d cuts: %d deliveries whole, %d absent", cuts, whole.Load(), absent.Load())
	if whole.Load() == 0 || absent.Load() == 0 {
		t.Error("the cuts test one outcome only")
	}
}

func readAll(t *testing.T, folder string) map[string][]byte {
	got := map[string][]byte{}
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	for _, e := range entries {
		if got[e.Name()], err = os.ReadFile(filepath.Join(folder, e.Name())); err != nil {
			t.Error(err)
		}
	}
	return got
}

func TestPull_fiftyThousandFiles(t *testing.T) {
	t.Parallel()
	p, q := startSSH(t), quarter(t)
	folder := filepath.Dir(p.file(q, "x"))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range 50_000 {
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("log_%05d.txt", i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(t, p.file(q, "AA_2025-26Q1_clients.csv"), []byte("x"))
	write(t, p.file(q, "AA_2025-26Q2_clients.csv"), []byte("y"))
	c := p.connector(t, func(s *SFTP) { s.Match = "{agency}_{quarter}_*.csv" })
	receipt, err := connectors.Pull(t.Context(), c, t.TempDir(), "AA", q)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"AA_2025-26Q1_clients.csv"}, receipt.Files); diff != "" {
		t.Errorf("files differ (-want +got):\n%s", diff)
	}
	want := []connectors.Skipped{{Name: "AA_2025-26Q1_*.csv", Reason: "50001 other files are not of this name"}}
	if diff := cmp.Diff(want, receipt.Skipped); diff != "" {
		t.Errorf("skipped differ (-want +got):\n%s", diff)
	}
}

func TestPull_names(t *testing.T) {
	t.Parallel()
	server := connectortest.StartSSHD(t)
	long := strings.Repeat("é", 100) + ".csv"
	for name, tt := range map[string]struct{ lies, comes, refused string }{
		"spaces":                 {" a  b .csv", " a  b .csv", ""},
		"accents, composed":      {"\u00e9.csv", "\u00e9.csv", ""},
		"accents, decomposed":    {"e\u0301.csv", "e\u0301.csv", ""},
		"dots":                   {"a..b...csv", "a..b...csv", ""},
		"wild cards":             {"[a]*?.csv", "[a]*?.csv", ""},
		"quotes":                 {`a'b"$HOME.csv`, `a'b"$HOME.csv`, ""},
		"a control character":    {"a\nb.csv", "", "control characters"},
		"a backslash":            {`x\a.csv`, "", "not a plain file name"},
		"a colon":                {"C:a.csv", "", "not a plain file name"},
		"more than 200 bytes":    {long, "", "longer than 200 bytes"},
		"255 bytes":              {strings.Repeat("x", 251) + ".csv", "", "longer than 200 bytes"},
		"two but for capitals":   {"A.CSV", "", "there twice"},
		"a name that is no text": {"a\xff.csv", "a\xff.csv", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, q := sshPlace{server, t.TempDir()}, quarter(t)
			write(t, p.file(q, tt.lies), []byte("x"))
			if name == "two but for capitals" {
				write(t, p.file(q, "a.csv"), []byte("x"))
			}
			inbox := t.TempDir()
			receipt, err := connectors.Pull(t.Context(), p.connector(t, nil), inbox, "AA", q)
			if tt.refused != "" {
				if err == nil || !strings.Contains(err.Error(), tt.refused) {
					t.Errorf("got %v, want %q", err, tt.refused)
				}
				if tributary.FixOf(err) == "" {
					t.Errorf("%v has no fix", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{tt.comes}, receipt.Files); diff != "" {
				t.Errorf("files differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPull_fileStillBeingWritten(t *testing.T) {
	t.Parallel()
	p, q := startSSH(t), quarter(t)
	write(t, p.file(q, "a.csv"), []byte("x"))
	for name, tt := range map[string]struct {
		grows int // how often the file grows while one waits
		isOld bool
		waits int
		fault string
	}{
		"old":             {grows: 9, isOld: true},
		"new and quiet":   {waits: 1},
		"new and growing": {grows: 2, waits: 3},
		"without end":     {grows: 9, waits: 3, fault: "still being written"},
	} {
		t.Run(name, func(t *testing.T) {
			write(t, p.file(q, "a.csv"), []byte("x"))
			c := p.connector(t, nil)
			c.now = time.Now
			if tt.isOld {
				c.now = farFromNow
			}
			waits := 0
			c.pause = func(context.Context, time.Duration) error {
				if waits++; waits <= tt.grows {
					write(t, p.file(q, "a.csv"), bytes.Repeat([]byte("x"), waits+1))
				}
				return nil
			}
			_, err := connectors.Pull(t.Context(), c, t.TempDir(), "AA", q)
			if (err == nil) != (tt.fault == "") || err != nil && (!strings.Contains(err.Error(), tt.fault) || tributary.FixOf(err) == "") {
				t.Errorf("got %v, want %q", err, tt.fault)
			}
			if waits != tt.waits {
				t.Errorf("waited %d times, want %d", waits, tt.waits)
			}
		})
	}
}

// ownSSH is a server in this process that lists what we like and lets in by password.
func ownSSH(t *testing.T, names ...string) SFTP {
	t.Helper()
	dir := t.TempDir()
	public := connectortest.WriteKey(t, filepath.Join(dir, "host"))
	private, err := os.ReadFile(filepath.Join(dir, "host"))
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.ParsePrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	config := &ssh.ServerConfig{PasswordCallback: func(c ssh.ConnMetadata, pass []byte) (*ssh.Permissions, error) {
		if c.User() != "tributary" || string(pass) != password {
			return nil, errors.New("no")
		}
		return nil, nil
	}}
	config.AddHostKey(signer)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_, channels, requests, err := ssh.NewServerConn(c, config)
				if err != nil {
					return
				}
				go ssh.DiscardRequests(requests)
				for n := range channels {
					channel, requests, err := n.Accept()
					if err != nil {
						return
					}
					go func() {
						for r := range requests {
							r.Reply(r.Type == "subsystem", nil) //nolint:errcheck // a test
						}
					}()
					h := lists(names)
					go sftp.NewRequestServer(channel, sftp.Handlers{FileGet: h, FilePut: sftp.InMemHandler().FilePut, FileCmd: sftp.InMemHandler().FileCmd, FileList: h}).Serve() //nolint:errcheck // a test
				}
			}()
		}
	}()
	port := l.Addr().(*net.TCPAddr).Port
	known := filepath.Join(dir, "known_hosts")
	write(t, known, fmt.Appendf(nil, "[127.0.0.1]:%d %s", port, public))
	return SFTP{Host: "127.0.0.1", Port: port, User: "tributary", Password: connectors.NewSecret(password), KnownHosts: known, Place: Place{Path: "out"}}
}

type lists []string

func (l lists) Fileread(*sftp.Request) (io.ReaderAt, error) { return strings.NewReader("x"), nil }

func (l lists) Filelist(*sftp.Request) (sftp.ListerAt, error) { return l, nil }

func (l lists) ListAt(to []os.FileInfo, from int64) (int, error) {
	n := 0
	for ; n < len(to) && int(from)+n < len(l); n++ {
		to[n] = info(l[int(from)+n])
	}
	if int(from)+n >= len(l) {
		return n, io.EOF
	}
	return n, nil
}

type info string

func (i info) Name() string       { return string(i) }
func (i info) Size() int64        { return 1 }
func (i info) Mode() fs.FileMode  { return 0o600 }
func (i info) ModTime() time.Time { return time.Unix(0, 0) }
func (i info) IsDir() bool        { return false }
func (i info) Sys() any           { return nil }

// TestPull_serverThatLies lets a server name files outside of the folder: none is asked for or put there.
func TestPull_serverThatLies(t *testing.T) {
	t.Parallel()
	c, err := NewSFTP(ownSSH(t, "a.csv", "../b.csv", "../../etc/passwd", "/etc/shadow", "sub/c.csv"), farFromNow)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	inbox := t.TempDir()
	receipt, err := connectors.Pull(t.Context(), c, inbox, "AA", quarter(t))
	// The library takes the last part of each name: what is asked for, and what is written, lies in the folder.
	if diff := cmp.Diff([]string{"a.csv", "b.csv", "c.csv", "passwd", "shadow"}, receipt.Files); err != nil || diff != "" {
		t.Errorf("%v; files differ (-want +got):\n%s", err, diff)
	}
	if err := filepath.WalkDir(filepath.Dir(inbox), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Dir(path) != receipt.Folder && d.Name() != "host" && d.Name() != "known_hosts" {
			t.Errorf("%s was written", path)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}
