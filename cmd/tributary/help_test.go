package main

import (
	"io"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// TestHelp_fitsATerminal holds every line of every verb's help to the width of a terminal as it opens.
func TestHelp_fitsATerminal(t *testing.T) {
	t.Parallel()
	p := &program{in: strings.NewReader(""), out: io.Discard, err: io.Discard, env: os.Getenv, now: time.Now}
	seen := 0
	var look func(c *cobra.Command)
	look = func(c *cobra.Command) {
		seen++
		for line := range strings.Lines(helpText(c)) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width {
				t.Errorf("%s: %d columns: %s", c.CommandPath(), n, line)
			}
		}
		for _, s := range c.Commands() {
			look(s)
		}
	}
	look(p.root())
	if seen < 60 {
		t.Errorf("%d verbs were looked at", seen)
	}
}

func TestReflow_leavesWhatIsIndented(t *testing.T) {
	t.Parallel()
	in := "One line that is short.\nAnother one that goes on and on, until it is by far too wide for a terminal of eighty columns.\n  kept   as it is\nEnd."
	want := "One line that is short. Another one that goes on and on, until it is by far too\nwide for a terminal of eighty columns.\n  kept   as it is\nEnd."
	if got := reflow(in); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
