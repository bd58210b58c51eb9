package kinds

import (
	"strings"
	"testing"

	"tributary"
	"tributary/connectors/files"
)

func TestNew_unknownKindNamesTheKnownOnes(t *testing.T) {
	t.Parallel()
	_, err := New("ftp", Workspace{}, nil)
	if err == nil || !strings.Contains(tributary.FixOf(err), "files") {
		t.Errorf("got %v with fix %q", err, tributary.FixOf(err))
	}
}

func TestNew_localPathsStartFromTheDrop(t *testing.T) {
	t.Parallel()
	decode := func(path string) func(any) error {
		return func(into any) error {
			into.(*files.Config).Path = path
			return nil
		}
	}
	c, err := New("files", Workspace{Drop: t.TempDir()}, decode("AA/{fy}_{q}"))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.(*files.Connector).Check(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := New("files", Workspace{Drop: "x"}, decode("../{fy}")); err == nil {
		t.Error("a path out of the drop was taken")
	}
}
