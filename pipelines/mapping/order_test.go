package mapping

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// Groups are read side by side; the tables must not show which was faster.
func TestStage_sameOrderEachTime(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"guards", "json", "sheet"} {
		story, err := txtar.ParseFile("testdata/" + name + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		var first string
		for range 3 {
			db := stageStory(t, story)
			all := ""
			for _, table := range []string{"client", "service", "caregiver", "section", `"column"`, "finding", "delivery", "file", "agency"} {
				all += answer(t, db, "select * from stage."+table)
			}
			if first == "" {
				first = all
			}
			if diff := cmp.Diff(first, all); diff != "" {
				t.Errorf("%s (-first +again)\n%s", name, diff)
			}
			if left := answer(t, db, "select table_name from duckdb_tables() where database_name = 'memory'"); left != "" {
				t.Errorf("left in memory: %s", left)
			}
		}
	}
}

func TestStage_stops(t *testing.T) {
	t.Parallel()
	db := openEngine(t)
	attach(t, db)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	done := make(chan error, 1)
	go func() { done <- Stage(ctx, db, Input{}, nil) }()
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("does not stop")
	}
}

// A sheet counted twice adds up on both sides; the equation must see it all the same.
func TestEquation_countedTwice(t *testing.T) {
	t.Parallel()
	story, err := txtar.ParseFile("testdata/guards.txtar")
	if err != nil {
		t.Fatal(err)
	}
	db := stageStory(t, story)
	s := &stager{db: db, d: dictionaryOf(t)}
	if err := s.equation(t.Context()); err != nil {
		t.Fatal(err)
	}
	exec(t, db, `insert into stage.section select * replace (0 as read_count, 0 as taken_count, 0 as heading_count) from stage.section where agency = 'ASH' and into_table = 'client'`)
	if err := s.equation(t.Context()); err == nil || !strings.Contains(err.Error(), "ASH 2025-26Q2 kids_2025-26Q2.csv  client: 0 tables read it, 2 counts of it") {
		t.Errorf("got %v", err)
	}
}
