package why

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"tributary/pipelines/warehouse"
)

var benchChildren = flag.Int("bench-children", 0, "children of the area that TestBenchWhy asks about; 0 leaves it out")

const (
	// whyLimit and whyCellLimit are in seconds, for one question: of anything, and of a cell.
	whyLimit, whyCellLimit = 1.0, 0.3
	// idleScan is what counting one large measure once takes for 100,000 children when the machine is idle, in seconds.
	idleScan = 0.011
)

// TestBenchWhy asks why of a cell, of the year to date, of a child and what is held of it, as the verbs do: each opens
// the step files anew. Children have 1.6 clients each, in four quarters, and four of 84 measures consider all of them:
// 156,250 children are a million records.
func TestBenchWhy(t *testing.T) {
	if *benchChildren == 0 {
		t.Skip("give -bench-children=156250 to measure")
	}
	house := &warehouse.Warehouse{Root: filepath.Join(t.TempDir(), "warehouse"), Temp: t.TempDir()}
	files := benchSteps(t, house, *benchChildren)
	asked := func(do func(context.Context, *warehouse.DB) error) float64 {
		began := time.Now()
		db, err := house.Open(t.Context(), files)
		if err == nil {
			err = do(t.Context(), db)
		}
		if err != nil {
			t.Fatal(err)
		}
		took := time.Since(began).Seconds()
		db.Close()
		return took
	}
	cell := func(text string) func(context.Context, *warehouse.DB) error {
		return func(ctx context.Context, db *warehouse.DB) error {
			id, err := ParseCellID(text)
			if err != nil {
				return err
			}
			a, err := Cell(ctx, db, id, func(string) (string, []string) { return "", []string{"client.birth_date"} }, "en", 10)
			if err == nil && (a.Value != a.Recounted || len(a.Units[0].Evidence) == 0) {
				err = fmt.Errorf("%s: %v, counted again %v", text, a.Value, a.Recounted)
			}
			return err
		}
	}
	questions := []struct {
		name  string
		limit float64
		do    func(context.Context, *warehouse.DB) error
	}{
		{"a cell", whyCellLimit, cell("m_1@2025-26Q4")},
		{"a cell of the year to date", whyCellLimit, cell("m_1@2025-26Q4/ytd")},
		{"a cell of one agency", whyCellLimit, cell("m_1@2025-26Q4/agency=A3")},
		{"a child", whyLimit, func(ctx context.Context, db *warehouse.DB) error {
			c, err := OfChild(ctx, db, "A3:3", "en")
			if err == nil && len(c.Parts) < 16 {
				err = fmt.Errorf("got %d parts", len(c.Parts))
			}
			return err
		}},
		{"what is held of a child", whyLimit, func(ctx context.Context, db *warehouse.DB) error {
			h, err := OfHeld(ctx, db, "A3:3")
			if err == nil && len(h.Rows) < 8 {
				err = fmt.Errorf("got %d rows", len(h.Rows))
			}
			return err
		}},
	}
	fmt.Println("name | ours | floor | ratio | limit | verdict")
	for _, q := range questions {
		var ours, scans []float64
		for range 3 {
			ours = append(ours, asked(q.do))
			scans = append(scans, asked(func(ctx context.Context, db *warehouse.DB) error {
				var sum float64
				return db.Scan(ctx, "select sum(hash(unit_id)::double) from measure.m_1", nil, &sum)
			}))
		}
		slices.Sort(ours)
		slices.Sort(scans)
		limit := q.limit * min(max(scans[1]/(idleScan*float64(*benchChildren)/1e5), 1), 3)
		verdict := "PASS"
		if ours[1] > limit {
			verdict = "FAIL"
			t.Fail()
		}
		fmt.Printf("why, %d children: %s, s | %.2f | %.3f | - | %.2f | %s\n", *benchChildren, q.name, ours[1], scans[1], limit, verdict)
	}
}

// benchSteps makes the step files that why reads, of an invented area.
func benchSteps(t *testing.T, house *warehouse.Warehouse, children int) map[string]string {
	t.Helper()
	const address = `{'quarter': quarter, 'file': agency || '_' || quarter || '.xlsx', 'version': 1, 'sheet': 'Sheet', 'row': (n / 8 + 2)::bigint, 'path': null::varchar} as _address`
	client := fmt.Sprintf(`(select n, 'A' || (n %% 8) as agency, n::varchar as client_local_id, 'C' || (n %% %d) as child_id, '2025-26Q' || q as quarter
		from range(%d) as t(n), range(1, 5) as u(q))`, children, children*8/5)
	columns := ""
	for i := range 6 {
		columns += fmt.Sprintf(", 'value ' || (n %% %d) as column_%d", 10+i*1000, i)
	}
	steps := map[string][]string{
		"stage": {
			`create table stage."column" as select 'A' || a as agency, '2025-26Q' || q as quarter, 'A' || a || '_2025-26Q' || q || '.xlsx' as file, 1 as version, 'Sheet' as sheet,
				'client' as into_table, 'birth_date' as column_name, 'Born' as heading, 3 as position from range(8) as t(a), range(1, 5) as u(q)`,
			`create table stage.agency as select 'A' || a as agency, 'count_only' as linking_rule from range(8) as t(a)`,
		},
		"link": {
			"create table link.client_child as select child_id, agency, client_local_id, quarter from " + client,
			"create table link.client_consent as select agency, client_local_id, quarter, true as has_consent from " + client,
		},
		"measure": {
			`create table measure.rule as select 'm_1' as measure, 'no_date' as code, 'No date' as label, 'Sans date' as label_fr`,
			`create table measure.definition as select 'm_' || i as measure, 'count' as kind, 'child' as unit, 'unique_in_period' as basis, 'M' as label, 'M' as label_fr,
				'all' as definition, 'tous' as definition_fr, 'derived' as cites, i::integer as ordinal from range(1, 85) as t(i)`,
			fmt.Sprintf(`create table measure.cell as select * from (values ('m_1@2025-26Q4', %[1]d.0), ('m_1@2025-26Q4/ytd', %[1]d.0),
				('m_1@2025-26Q4/agency=A3', (select count(distinct child_id) from %[2]s where agency = 'A3' and quarter = '2025-26Q4'))) as t(cell_id, value)`, children, client),
		},
	}
	for _, table := range []string{"client", "caregiver", "consent", "episode", "referral", "need", "service", "wait", "meeting", "goal", "plan"} {
		where := "where n % 6 = 3"
		if table == "client" || table == "caregiver" || table == "consent" {
			where = ""
		}
		steps["stage"] = append(steps["stage"], fmt.Sprintf(`create table stage.%s as select agency, quarter, client_local_id, date '2025-06-30' as as_of, 'snapshot' as file_kind, false as is_superseded%s, %s from %s %s`,
			table, columns, address, client, where))
	}
	for i := 1; i <= 84; i++ {
		where := "where n % 12 = 0"
		if i <= 4 {
			where = ""
		}
		steps["measure"] = append(steps["measure"], fmt.Sprintf(`create table measure.m_%d as select child_id as unit_id, quarter, agency, agency as employer, 'N' as area, 'B' as municipality,
			true as counted, null::varchar as left_out_by, null::double as value, %s from %s %s`, i, address, client, where))
	}
	files := map[string]string{}
	for _, name := range []string{"stage", "link", "measure"} {
		step := warehouse.Step{Name: name, Schema: name, Fingerprint: "bench"}
		if _, err := house.Build(t.Context(), step, func(ctx context.Context, db *warehouse.DB) error {
			for _, s := range steps[name] {
				if err := db.Exec(ctx, s); err != nil {
					return fmt.Errorf("%s: %w", s, err)
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		files[name] = step.File()
	}
	return files
}
