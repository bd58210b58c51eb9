package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tributary"
	"tributary/connectors"
	"tributary/connectors/connectortest"
)

func TestConnector_passesTheExam(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, ".", func(t *testing.T) connectortest.Place {
		root := t.TempDir()
		c := mustNew(t, Config{Root: root, Path: "drop/{agency}/{fy}_{q}"})
		path := func(q tributary.Quarter, name string) string {
			return filepath.Join(root, filepath.FromSlash(c.Folder("AA", q)), name)
		}
		return connectortest.Place{
			Connector: c,
			Publish: func(t *testing.T, q tributary.Quarter, name string, data []byte) {
				write(t, path(q, name), data)
			},
			Break: func(t *testing.T, q tributary.Quarter, broken string) {
				c.copied = func(name string) {
					if name == broken {
						write(t, path(q, name), []byte("the agency is still writing"))
					}
				}
			},
		}
	})
}

func TestPull_leavesBehindWhatIsNoDelivery(t *testing.T) {
	t.Parallel()
	root, inbox := t.TempDir(), t.TempDir()
	for _, name := range []string{"a.xlsx", "~$a.xlsx", ".DS_Store", "Thumbs.db", "b.csv.part", "c.TMP",
		"trial/d.csv", "export/e.csv", ".~lock.a.xlsx#"} {
		write(t, filepath.Join(root, "AA", name), []byte("x"))
	}
	modified := time.Date(2025, 7, 9, 12, 0, 0, 0, time.UTC)
	if err := os.Chtimes(filepath.Join(root, "AA", "a.xlsx"), modified, modified); err != nil {
		t.Fatal(err)
	}
	receipt, err := connectors.Pull(t.Context(), mustNew(t, Config{Root: root, Path: "AA"}), inbox, "AA", quarter(t))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a.xlsx"}, receipt.Files); diff != "" {
		t.Errorf("files differ (-want +got):\n%s", diff)
	}
	want := []connectors.Skipped{
		{Name: ".DS_Store", Reason: "hidden file"},
		{Name: ".~lock.a.xlsx#", Reason: "lock file of an office program"},
		{Name: "Thumbs.db", Reason: "file of the operating system"},
		{Name: "b.csv.part", Reason: "unfinished upload"},
		{Name: "c.TMP", Reason: "unfinished upload"},
		{Name: "export", Reason: "a folder; only the files beside it are read"},
		{Name: "~$a.xlsx", Reason: "lock file of an office program"},
	}
	if diff := cmp.Diff(want, receipt.Skipped); diff != "" {
		t.Errorf("skipped differ (-want +got):\n%s", diff)
	}
	info, err := os.Stat(filepath.Join(receipt.Folder, "a.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	if !info.ModTime().Equal(modified) {
		t.Errorf("copy was modified %s, want the agency's %s", info.ModTime(), modified)
	}
}

func TestPull_emptyFolderIsNotReady(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write(t, filepath.Join(root, "AA", "Thumbs.db"), []byte("x"))
	_, err := connectors.Pull(t.Context(), mustNew(t, Config{Root: root, Path: "AA"}), t.TempDir(), "AA", quarter(t))
	if !errors.Is(err, connectors.ErrNotReady) || !strings.Contains(err.Error(), `folder "AA"`) {
		t.Errorf("got %v, want connectors.ErrNotReady and the folder", err)
	}
}

func TestPull_fiftyThousandFiles(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for i := range 50_000 {
		write(t, filepath.Join(root, "AA", fmt.Sprintf("log_%05d.txt", i)), nil)
	}
	write(t, filepath.Join(root, "AA", "AA_2025-26Q1_clients.csv"), []byte("x"))
	write(t, filepath.Join(root, "AA", "AA_2025-26Q2_clients.csv"), []byte("y"))
	receipt, err := connectors.Pull(t.Context(), mustNew(t, Config{Root: root, Path: "AA", Match: "{agency}_{quarter}_*.csv"}), t.TempDir(), "AA", quarter(t))
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
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such names")
	}
	for name, tt := range map[string]struct{ lies, refused string }{
		"spaces":               {" a  b .csv", ""},
		"accents, composed":    {"\u00e9.csv", ""},
		"accents, decomposed":  {"e\u0301.csv", ""},
		"dots":                 {"a..b...csv", ""},
		"wild cards":           {"[a]*?.csv", ""},
		"quotes":               {`a'b"$HOME.csv`, ""},
		"a control character":  {"a\nb.csv", "control characters"},
		"a backslash":          {`x\a.csv`, "not a plain file name"},
		"a colon":              {"C:a.csv", "not a plain file name"},
		"more than 200 bytes":  {strings.Repeat("\u00e9", 100) + ".csv", "longer than 200 bytes"},
		"255 bytes":            {strings.Repeat("x", 251) + ".csv", "longer than 200 bytes"},
		"two but for capitals": {"A.CSV", "there twice"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			write(t, filepath.Join(root, "AA", tt.lies), []byte("x"))
			if name == "two but for capitals" {
				write(t, filepath.Join(root, "AA", "a.csv"), []byte("x"))
			}
			inbox := t.TempDir()
			receipt, err := connectors.Pull(t.Context(), mustNew(t, Config{Root: root, Path: "AA"}), inbox, "AA", quarter(t))
			switch {
			case tt.refused == "" && err != nil:
				t.Error(err)
			case tt.refused == "" && !cmp.Equal([]string{tt.lies}, receipt.Files):
				t.Errorf("got %q", receipt.Files)
			case tt.refused != "" && (err == nil || !strings.Contains(err.Error(), tt.refused) || tributary.FixOf(err) == ""):
				t.Errorf("got %v, want %q and a fix", err, tt.refused)
			}
		})
	}
}

func TestPull_linkOutOfTheRootIsRefused(t *testing.T) {
	t.Parallel()
	root, outside := t.TempDir(), t.TempDir()
	write(t, filepath.Join(outside, "secret.csv"), []byte("x"))
	write(t, filepath.Join(root, "AA", "a.csv"), []byte("x"))
	if err := os.Symlink(filepath.Join(outside, "secret.csv"), filepath.Join(root, "AA", "b.csv")); err != nil {
		t.Skip("no symbolic links here")
	}
	_, err := connectors.Pull(t.Context(), mustNew(t, Config{Root: root, Path: "AA"}), t.TempDir(), "AA", quarter(t))
	if err == nil || !strings.Contains(err.Error(), "escapes") || tributary.FixOf(err) == "" {
		t.Errorf("got %v, want an error that the path escapes, and a remedy", err)
	}
}

func TestPull_fileStillBeingWritten(t *testing.T) {
	t.Parallel()
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
			t.Parallel()
			root := t.TempDir()
			file := filepath.Join(root, "AA", "a.csv")
			write(t, file, []byte("x"))
			c := mustNew(t, Config{Root: root, Path: "AA"})
			if !tt.isOld {
				c.now = time.Now
			}
			waits := 0
			c.pause = func(context.Context, time.Duration) error {
				if waits++; waits <= tt.grows {
					write(t, file, bytes.Repeat([]byte("x"), waits+1))
				}
				return nil
			}
			_, err := connectors.Pull(t.Context(), c, t.TempDir(), "AA", quarter(t))
			if (err == nil) != (tt.fault == "") || err != nil && (!strings.Contains(err.Error(), tt.fault) || tributary.FixOf(err) == "") {
				t.Errorf("got %v, want %q", err, tt.fault)
			}
			if waits != tt.waits {
				t.Errorf("waited %d times, want %d", waits, tt.waits)
			}
		})
	}
}

func TestCheck_missingRootSaysWhatToDo(t *testing.T) {
	t.Parallel()
	c := mustNew(t, Config{Root: filepath.Join(t.TempDir(), "nowhere"), Path: "AA"})
	if err := c.Check(t.Context()); tributary.FixOf(err) == "" {
		t.Errorf("got %v without a remedy", err)
	}
}

func TestValidate_allFaultsAtOnce(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		config Config
		want   []string
	}{
		{Config{}, []string{"root is empty", "path is empty"}},
		{Config{Path: "../other/{year}"}, []string{"root is empty", "leaves its root", "unknown word {year}"}},
		{Config{Root: "x", Path: "/etc"}, []string{"leaves its root"}},
		{Config{Root: "x", Path: "{agency}/{fy}_{q}/{quarter}"}, nil},
	} {
		err := tt.config.Validate()
		if (err == nil) != (len(tt.want) == 0) {
			t.Errorf("%+v: got %v", tt.config, err)
		}
		for _, w := range tt.want {
			if err != nil && !strings.Contains(err.Error(), w) {
				t.Errorf("%+v: got %v, want %q in it", tt.config, err, w)
			}
		}
	}
}

func mustNew(t *testing.T, c Config) *Connector {
	t.Helper()
	connector, err := New(c, func() time.Time { return time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC) }) // no file is of this time
	if err != nil {
		t.Fatal(err)
	}
	return connector
}

func quarter(t *testing.T) tributary.Quarter {
	t.Helper()
	q, err := tributary.ParseQuarter("2025-26Q1")
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
