package main

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// isListed finds, in cobra's usage, a flag or a sub-verb with what it says.
var isListed = regexp.MustCompile(`^ +(-|[a-z]).*? {2,}`)

// helpText is what --help prints of a verb, no line wider than a terminal but an example that is.
func helpText(c *cobra.Command) string {
	long := c.Long
	if long == "" {
		long = c.Short
	}
	var out []string
	for _, paragraph := range strings.Split(strings.TrimSpace(long), "\n\n") {
		out = append(out, reflow(paragraph), "")
	}
	isExample := false
	names := 0
	if all := c.Commands(); len(all) > 0 {
		names = len("  ") + all[0].NamePadding() + len(" ")
	}
	for _, line := range strings.Split(strings.TrimRight(c.UsageString(), "\n"), "\n") {
		if line != "" && !strings.HasPrefix(line, " ") {
			isExample = line == "Examples:"
		}
		hang := len(isListed.FindString(line))
		if hang == 0 && strings.HasPrefix(line, "  ") {
			hang = names
		}
		if !isExample && utf8.RuneCountInString(line) > width && hang < len(line) {
			line = line[:hang] + wrap(line[hang:], hang)
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n") + "\n"
}

// reflow breaks prose anew; lines that are indented stay as they are.
func reflow(paragraph string) string {
	var out, words []string
	flush := func() {
		if len(words) > 0 {
			out, words = append(out, wrap(strings.Join(words, " "), 0)), nil
		}
	}
	for line := range strings.Lines(paragraph) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, " ") {
			flush()
			out = append(out, line)
			continue
		}
		words = append(words, line)
	}
	flush()
	return strings.Join(out, "\n")
}

func printHelp(c *cobra.Command, _ []string) { fmt.Fprint(c.OutOrStdout(), helpText(c)) }
