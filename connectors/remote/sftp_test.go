package remote

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tributary"
	"tributary/connectors"
	"tributary/connectors/connectortest"
)

func TestMain(m *testing.M) { os.Exit(connectortest.Main(m)) }

// sshPlace is an agency's folder behind OpenSSH's own server.
type sshPlace struct {
	connectortest.SSHD
	root string
}

func startSSH(t testing.TB) sshPlace {
	return sshPlace{connectortest.StartSSHD(t), t.TempDir()}
}

func (p sshPlace) settings() SFTP {
	return SFTP{Host: p.Host, Port: p.Port, User: p.User, Key: connectors.NewSecret(p.Key), KnownHosts: p.KnownHosts,
		Place: Place{Path: p.root + "/{agency}/{fy}_{q}"}}
}

func (p sshPlace) connector(t testing.TB, change func(*SFTP)) *Connector {
	t.Helper()
	s := p.settings()
	if change != nil {
		change(&s)
	}
	c, err := NewSFTP(s, farFromNow)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// farFromNow is a clock by which no file is new, so that tests do not wait.
func farFromNow() time.Time { return time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC) }

func (p sshPlace) file(q tributary.Quarter, name string) string {
	return filepath.Join(p.root, "AA", fmt.Sprintf("%s_Q%d", q.FiscalYear(), q.Number()), name)
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func quarter(t testing.TB) tributary.Quarter {
	t.Helper()
	q, err := tributary.ParseQuarter("2025-26Q1")
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestSFTP_passesTheExam(t *testing.T) {
	t.Parallel()
	server := connectortest.StartSSHD(t)
	connectortest.Run(t, ".", func(t *testing.T) connectortest.Place {
		p := sshPlace{server, t.TempDir()}
		c := p.connector(t, nil)
		return connectortest.Place{
			Connector: c,
			Publish:   func(t *testing.T, q tributary.Quarter, name string, data []byte) { write(t, p.file(q, name), data) },
			Break: func(t *testing.T, q tributary.Quarter, broken string) {
				c.copied = func(name string) {
					if name == broken {
						write(t, p.file(q, name), []byte("the agency is still writing"))
					}
				}
			},
			Secrets: []string{strings.Split(p.Key, "\n")[1], "wrong-passw0rd"},
			Wrong: map[string]func(*testing.T) connectors.Connector{
				"wrong password": func(t *testing.T) connectors.Connector {
					return p.connector(t, func(s *SFTP) { s.Key, s.Password = connectors.Secret{}, connectors.NewSecret("wrong-passw0rd") })
				},
				"wrong key": func(t *testing.T) connectors.Connector {
					return p.connector(t, func(s *SFTP) { s.Key = connectors.NewSecret("wrong-passw0rd") })
				},
				"host key changed": func(t *testing.T) connectors.Connector {
					other := connectortest.StartSSHD(t)
					line, err := os.ReadFile(other.KnownHosts)
					if err != nil {
						t.Fatal(err)
					}
					file := filepath.Join(t.TempDir(), "known_hosts")
					write(t, file, []byte(strings.Replace(string(line), fmt.Sprint(other.Port), fmt.Sprint(p.Port), 1)))
					return p.connector(t, func(s *SFTP) { s.KnownHosts = file })
				},
				"host not known": func(t *testing.T) connectors.Connector {
					return p.connector(t, func(s *SFTP) { s.KnownHosts = connectortest.StartSSHD(t).KnownHosts })
				},
			},
		}
	})
}

func noPause(ctx context.Context, _ time.Duration) error { return ctx.Err() }

func TestSFTP_saysWhetherThereIsSuchAHost(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "known_hosts")
	write(t, file, []byte("[127.0.0.1]:1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti\n"))
	for _, x := range []struct{ host, want string }{{"sftp.nowhere.invalid", "has no address"}, {"127.0.0.1", "nobody answers"}} {
		c, err := NewSFTP(SFTP{Host: x.host, Port: 1, User: "u", Password: connectors.NewSecret("x"), KnownHosts: file, Place: Place{Path: "out"}}, farFromNow)
		if err != nil {
			t.Fatal(err)
		}
		err = c.Check(t.Context())
		if err == nil || !strings.Contains(err.Error(), x.want) || !connectors.IsAway(err) {
			t.Errorf("%s: %v", x.host, err)
		}
		for _, not := range []string{"[secret]", "known_hosts", "NewFs", "SSH"} {
			if err != nil && strings.Contains(err.Error()+tributary.FixOf(err), not) {
				t.Errorf("%s: %v: says %s", x.host, err, not)
			}
		}
	}
}
