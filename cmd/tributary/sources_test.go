package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"tributary/connectors/connectortest"
)

// TestSources types what users type about agencies whose files lie on servers: real ones, on loopback.
// $SFTP_PORT and the like stand for what is known only when the servers run.
func TestSources(t *testing.T) {
	t.Parallel()
	sshd, pg := connectortest.StartSSHD(t), connectortest.StartPostgres(t)
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/sources",
		UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			words := map[string]string{"SFTP_PORT": strconv.Itoa(sshd.Port), "SFTP_USER": sshd.User, "WORK": e.WorkDir,
				"SFTP_DEAD": "1", "PG_PORT": strconv.Itoa(pg.Port), "PG_USER": pg.Owner, "PG_PASSWORD": pg.Password, "PG_BIN": pg.Bin}
			for name, value := range words {
				e.Setenv(name, value)
			}
			if err := asAnalyst(e); err != nil {
				return err
			}
			e.Setenv("RCLONE_SFTP_HOST", "poison.invalid")
			e.Setenv("PGPORT", "1")
			e.Setenv("PG_URL", pg.URL())
			for from, to := range map[string]string{sshd.KeyFile: "key", sshd.KnownHosts: "known_hosts", pg.CAFile: "ca.pem"} {
				data, err := os.ReadFile(from)
				if err != nil {
					return err
				}
				if err := os.WriteFile(filepath.Join(e.WorkDir, to), data, 0o600); err != nil {
					return err
				}
			}
			return filepath.WalkDir(e.WorkDir, func(path string, d fs.DirEntry, err error) error {
				if err != nil || filepath.Ext(path) != ".yaml" {
					return err
				}
				data, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				text := os.Expand(string(data), func(name string) string {
					if value, ok := words[name]; ok {
						return value
					}
					return "${" + name + "}"
				})
				return os.WriteFile(path, []byte(strings.TrimSpace(text)+"\n"), 0o600)
			})
		},
	})
}
