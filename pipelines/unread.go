package pipelines

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tributary"
	"tributary/connectors"
	"tributary/pipelines/calendar"
)

// Unread says that an agency's source did not let itself be read when it was last asked: what lies there is not known, so
// nothing says that the agency is late.
type Unread struct {
	// Since is when it first failed; it has failed at each try from then on.
	Since time.Time `json:"since"`
	// Why is the fault, without secrets; Fix its remedy, or "".
	Why string `json:"why"`
	Fix string `json:"fix,omitempty"`
	// Quarters are those that could not be read, where others could; none is all.
	Quarters []string `json:"quarters,omitempty"`
}

// Covers says whether the quarter is one that could not be read.
func (u Unread) Covers(quarter string) bool {
	return len(u.Quarters) == 0 || slices.Contains(u.Quarters, quarter)
}

// Day is the day in Toronto since when the source cannot be read, as 2026-05-05.
func (u Unread) Day() string { return calendar.Day(u.Since).Format(time.DateOnly) }

// String says it in one sentence part.
func (u Unread) String() string {
	return fmt.Sprintf("its source could not be read since %s: %s", u.Day(), u.Why)
}

// askNobody is the remedy of a delivery that was not read, in a language.
func (u Unread) askNobody(lang string) string {
	text := "its source could not be read since %s (%s); do not ask the agency yet: %s"
	fix := "mend it, then: tributary run"
	if lang == "fr" {
		text, fix = "sa source n'a pu être lue depuis le %s (%s); ne pas relancer l'organisme pour l'instant : %s", "la rétablir, puis : tributary run"
	}
	if u.Fix != "" {
		fix = u.Fix
	}
	return fmt.Sprintf(text, u.Day(), u.Why, fix)
}

// Unread lists the agencies whose source could not be read when it was last asked. It lies in the cache: without it
// the next pull finds out.
func (w *Workspace) Unread() map[string]Unread {
	out := map[string]Unread{}
	if data, err := os.ReadFile(w.unreadFile()); err == nil && json.Unmarshal(data, &out) != nil {
		clear(out)
	}
	for code := range out { // one that has left, or whose files come by hand now, is not asked
		if a, err := w.Agency(code); err != nil || a.Source == nil {
			delete(out, code)
		}
	}
	return out
}

func (w *Workspace) unreadFile() string { return w.Path("cache", "unread.json") }

// noteUnread adds what a pull found: faults by agency, of the agencies that were asked for these quarters.
func (w *Workspace) noteUnread(ctx context.Context, asked []tributary.Quarter, found map[string][]error) error {
	if ctx.Err() != nil { // a person stopped it: the sources are not at fault
		return nil
	}
	all := w.Unread()
	for code, faults := range found {
		var now Unread
		isAway := false
		for _, err := range faults {
			var at atQuarter
			if errors.Is(err, connectors.ErrNotReady) {
				continue
			}
			isOfQuarter := errors.As(err, &at)
			isAway = isAway || !isOfQuarter || connectors.IsAway(err)
			if now.Why == "" {
				now.Why, now.Fix = err.Error(), tributary.FixOf(err)
			}
			if at.quarter != "" {
				now.Why = strings.TrimPrefix(now.Why, fmt.Sprintf("pull %s %s: ", code, at.quarter))
				now.Quarters = append(now.Quarters, at.quarter)
			}
		}
		now.Why = strings.TrimPrefix(now.Why, "pull "+code+": ")
		before, isKnown := all[code]
		if isAway {
			now.Quarters = nil
		} else if isKnown && len(before.Quarters) > 0 { // quarters that were not asked for stay as they were
			for _, q := range before.Quarters {
				if !slices.ContainsFunc(asked, func(at tributary.Quarter) bool { return at.String() == q }) {
					now.Quarters = append(now.Quarters, q)
					if now.Why == "" {
						now.Why, now.Fix = before.Why, before.Fix
					}
				}
			}
		}
		if now.Why == "" {
			delete(all, code)
			continue
		}
		if now.Since = before.Since; !isKnown {
			now.Since = w.Now()
		}
		all[code] = now
	}
	data, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	path := w.unreadFile()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path+".half", data, 0o600)); err != nil {
		return err
	}
	return os.Rename(path+".half", path)
}

// atQuarter is the fault of one quarter of a source.
type atQuarter struct {
	error
	quarter string
}

func (a atQuarter) Unwrap() error { return a.error }
