package remote

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"golang.org/x/net/webdav"

	"tributary/connectors"
)

func anybody(*http.Request) bool { return true }

// TestReturn walks a letter through its life on each kind of server that can be written to here.
func TestReturn(t *testing.T) {
	t.Parallel()
	q := quarter(t)
	for name, start := range map[string]func(*testing.T) (c *Connector, publish func(name string)){
		"sftp": func(t *testing.T) (*Connector, func(string)) {
			p := startSSH(t)
			return p.connector(t, nil), func(name string) { write(t, p.file(q, name), []byte("x")) }
		},
		"webdav": func(t *testing.T) (*Connector, func(string)) {
			dir := t.TempDir()
			w := startWeb(t, anybody, "", &webdav.Handler{FileSystem: webdav.Dir(dir), LockSystem: webdav.NewMemLS()})
			c, err := NewWebDAV(WebDAV{URL: w.URL, Token: connectors.NewSecret("x"), CAFile: w.caFile, Place: Place{Path: where}}, farFromNow)
			return made(t, c, err), func(name string) { write(t, filepath.Join(dir, "drop", folderOf(q), name), []byte("x")) }
		},
		"s3": func(t *testing.T) (*Connector, func(string)) {
			store := s3mem.New()
			if err := store.CreateBucket("agency"); err != nil {
				t.Fatal(err)
			}
			w := startWeb(t, anybody, "", gofakes3.New(store).Server())
			c, err := NewS3(S3{Bucket: "agency", Endpoint: w.URL, AccessKey: "a", SecretKey: connectors.NewSecret("x"), CAFile: w.caFile, Place: Place{Path: where}}, farFromNow)
			return made(t, c, err), func(name string) {
				if _, err := store.PutObject("agency", "drop/"+folderOf(q)+"/"+name, map[string]string{}, strings.NewReader("x"), 1, nil); err != nil {
					t.Fatal(err)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, publish := start(t)
			put := func(over, text string) error {
				return c.Return(t.Context(), "AA", q, connectors.FeedbackFolder, "letter é.xlsx", over, strings.NewReader(text))
			}
			lies := func() string {
				r, err := c.Returned(t.Context(), "AA", q, connectors.FeedbackFolder, "letter é.xlsx")
				if errors.Is(err, fs.ErrNotExist) {
					return ""
				}
				if err != nil {
					t.Fatal(err)
				}
				data, err := io.ReadAll(r)
				if err := errors.Join(err, r.Close()); err != nil {
					t.Fatal(err)
				}
				return string(data)
			}
			if err := put("", "one"); !errors.Is(err, connectors.ErrNotReady) {
				t.Fatalf("got %v, want ErrNotReady where the agency has no folder", err)
			}
			publish("a.csv")
			for _, step := range []struct {
				what, over, text, there string
				want                    error
			}{
				{"new", "", "one", "one", nil},
				{"the same again", "", "one", "one", nil},
				{"other content, nothing said", "", "two", "one", connectors.ErrOccupied},
				{"other content, over ours", sum([]byte("one")), "two", "two", nil},
				{"over what is gone", sum([]byte("one")), "three", "two", connectors.ErrOccupied},
			} {
				if err := put(step.over, step.text); !errors.Is(err, step.want) {
					t.Errorf("%s: got %v, want %v", step.what, err, step.want)
				}
				if got := lies(); got != step.there {
					t.Errorf("%s: %q lies there, want %q", step.what, got, step.there)
				}
			}
			broken := io.MultiReader(strings.NewReader("half"), iotest.ErrReader(errors.New("cut")))
			if err := c.Return(t.Context(), "AA", q, connectors.FeedbackFolder, "letter é.xlsx", sum([]byte("two")), broken); err == nil || lies() != "two" {
				t.Errorf("a broken reader: %v, %q lies there", err, lies())
			}
			// A delivery has none of it.
			receipt, err := connectors.Pull(t.Context(), c, t.TempDir(), "AA", q)
			if diff := cmp.Diff([]string{"a.csv"}, receipt.Files); err != nil || diff != "" || len(receipt.Skipped) > 0 {
				t.Errorf("%v, skipped %v (-want +got)\n%s", err, receipt.Skipped, diff)
			}
			if err := c.Withdraw(t.Context(), "AA", q, connectors.FeedbackFolder, "letter é.xlsx", "x"); !errors.Is(err, connectors.ErrOccupied) {
				t.Errorf("got %v, want ErrOccupied", err)
			}
			for range 2 {
				if err := c.Withdraw(t.Context(), "AA", q, connectors.FeedbackFolder, "letter é.xlsx", sum([]byte("two"))); err != nil || lies() != "" {
					t.Errorf("got %v, %q lies there", err, lies())
				}
			}
			for _, at := range [][2]string{{"", "a.csv"}, {"feedback", "../a.csv"}, {"..", "x"}, {"trial", "a.csv"}} {
				if err := c.Return(t.Context(), "AA", q, at[0], at[1], sum([]byte("x")), strings.NewReader("y")); err == nil {
					t.Errorf("%q was taken", at)
				}
			}
			// What lies in trial/ is brought by Trial alone.
			in, err := connectors.OpenInbox(t.TempDir(), "AA", q)
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			if err := c.Trial(t.Context(), "AA", q, in); !errors.Is(err, connectors.ErrNotReady) {
				t.Errorf("got %v, want ErrNotReady", err)
			}
			publish("trial/b.csv")
			if err := errors.Join(c.Trial(t.Context(), "AA", q, in), in.Commit()); err != nil {
				t.Error(err)
			}
		})
	}
}
