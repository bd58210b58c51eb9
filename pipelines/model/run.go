package model

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"tributary"
	"tributary/pipelines/warehouse"
)

// Run makes the tables of one step in the attached database of that name, and proves key and asserts
// of each. For measure it then rolls the cells up. A proof that fails is a fault of our own code.
func (p *Project) Run(ctx context.Context, db *warehouse.DB, step string, log *slog.Logger) error {
	switch step {
	case "measure":
		return p.RunMeasures(ctx, db, nil, log)
	case gapStep:
		return p.runGap(ctx, db, log)
	}
	return p.run(ctx, db, p.models[step], log)
}

// RunAround makes the tables of link: first those that need none of the tables that the engine makes, then, once
// engine has made these, the others.
func (p *Project) RunAround(ctx context.Context, db *warehouse.DB, made []string, engine func() error, log *slog.Logger) error {
	later := map[string]bool{}
	for _, table := range made {
		later[table] = true
	}
	var before, after []*Model
	for _, m := range p.models["link"] { // in the order of what they read
		if slices.ContainsFunc(m.Reads, func(table string) bool { return later[table] }) {
			later[m.Table()] = true
			after = append(after, m)
		} else {
			before = append(before, m)
		}
	}
	if err := p.run(ctx, db, before, log); err != nil {
		return err
	}
	if err := engine(); err != nil {
		return err
	}
	return p.run(ctx, db, after, log)
}

func (p *Project) run(ctx context.Context, db *warehouse.DB, models []*Model, log *slog.Logger) error {
	place := map[string]int{}
	for i, m := range models {
		place[m.Table()] = i
	}
	waits := func(i int) (earlier []int) {
		for _, table := range models[i].Reads {
			if at, ok := place[table]; ok && at < i {
				earlier = append(earlier, at)
			}
		}
		return earlier
	}
	err := sideBySide(ctx, len(models), waits, func(ctx context.Context, i int) error {
		m, began := models[i], time.Now()
		if err := p.make(ctx, db, m); err != nil {
			return fmt.Errorf("sql/%s: %w", m.Path, err)
		}
		if log.Enabled(ctx, slog.LevelDebug) {
			var rows int64
			if err := db.Scan(ctx, "select count(*) from "+m.Table(), nil, &rows); err != nil {
				return err
			}
			log.DebugContext(ctx, "model", "step", m.Step, "model", m.Table(), "rows", rows, "took", time.Since(began))
		}
		return nil
	})
	if err != nil || p.IsBare {
		return err
	}
	return p.comment(ctx, db, models)
}

func (p *Project) make(ctx context.Context, db *warehouse.DB, m *Model) error {
	query := m.SQL
	if m.Measure != nil {
		query = m.Measure.named(query)
	}
	if err := db.Exec(ctx, "create or replace "+m.form()+" "+m.Table()+" as (\n"+query+"\n)"); err != nil {
		return err
	}
	if p.IsBare {
		return nil
	}
	return m.prove(ctx, db)
}

// form is table, or view for a measure of the gap model that only picks rows of one table of its step: a copy of them
// would tell nothing more.
func (m *Model) form() string {
	if m.Step == gapStep && m.Measure != nil && len(m.Reads) == 1 && !strings.Contains(m.SQL, "\nwith ") {
		return "view"
	}
	return "table"
}

// named gives a candidate without a municipality, say, the code unknown: margins add up to their total,
// and whoever asks for the candidates of a cell finds those of unknown as he finds others.
func (m *Measure) named(query string) string {
	list := make([]string, 0, len(margins)+len(m.By))
	for _, d := range m.dims() {
		list = append(list, fmt.Sprintf("coalesce(cast(%[1]s as varchar), '%[2]s') as %[1]s", quote(d), unknown))
	}
	return "select * replace (" + strings.Join(list, ", ") + ") from (\n" + query + "\n)"
}

// dims are the columns that cells are broken down by: those of all measures, then its own.
func (m *Measure) dims() []string {
	dims := append([]string{}, margins...)
	for _, b := range m.By {
		dims = append(dims, b.By)
	}
	return dims
}

// proof is a query that returns the rows that should not be there.
type proof struct{ name, rows string }

func (m *Model) proofs() []proof {
	var out []proof
	if len(m.Key) > 0 {
		key := strings.Join(m.Key, ", ")
		null := strings.Join(m.Key, " is null or ") + " is null"
		out = append(out,
			proof{"key " + key + ": is null", "select * from " + m.Table() + " where " + null},
			proof{"key " + key + ": repeats", "select " + key + ", count(*) from " + m.Table() + " group by all having count(*) > 1"})
	}
	for _, a := range m.Asserts {
		out = append(out, proof{"assert " + a, "select * from " + m.Table() + " where (" + a + ") is not true"})
	}
	if m.Measure != nil {
		out = append(out, m.Measure.proofs(m.Table())...)
	}
	return out
}

// proofs of every measure: whoever is left out has one known reason, whoever counts has none.
func (m *Measure) proofs(table string) []proof {
	codes := make([]string, len(m.Rules))
	for i, r := range m.Rules {
		codes[i] = warehouse.Text(r.Code)
	}
	known := "false"
	if len(codes) > 0 {
		known = "left_out_by in (" + strings.Join(codes, ", ") + ")"
	}
	out := []proof{
		{"unit_id, quarter, agency, counted: is null", "select * from " + table +
			" where unit_id is null or quarter is null or agency is null or counted is null"},
		{"left_out_by: not one of the measure's rules, or on a row that counts", "select * from " + table +
			" where case when counted then left_out_by is not null else (" + known + ") is not true end"},
	}
	switch m.Kind {
	case "share":
		out = append(out, proof{"value: not 0 or 1", "select * from " + table + " where counted and (value in (0, 1)) is not true"})
	case "ratio":
		out = append(out, proof{"weight: is null or below zero", "select * from " + table + " where counted and (weight >= 0) is not true"})
		fallthrough
	case "sum", "quantile", "wait":
		out = append(out,
			proof{"value: is null", "select * from " + table + " where counted and value is null"},
			proof{"unit_id, quarter: more than one value", "select unit_id, quarter from " + table +
				" where counted group by all having count(*) > 1"})
	}
	return out
}

// prove counts the rows of all proofs in one query; the first that has any fails the model.
func (m *Model) prove(ctx context.Context, db *warehouse.DB) error {
	proofs := m.proofs()
	counts := make([]string, len(proofs))
	for i, p := range proofs {
		counts[i] = fmt.Sprintf("select %d as place, count(*) as rows from (%s)", i, p.rows)
	}
	var place int
	var rows int64
	err := db.Scan(ctx, "select place, rows from ("+strings.Join(counts, " union all ")+") where rows > 0 order by place", nil, &place, &rows)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("key and asserts: %w", err)
	}
	noun := "rows"
	if rows == 1 {
		noun = "row"
	}
	return tributary.Fix(fmt.Errorf("%s: %s: %d %s", m.Table(), proofs[place].name, rows, noun),
		"this is a fault of the model, not of the data; see the rows with: tributary sql --people \""+proofs[place].rows+"\"")
}

// comment writes the dictionary's meaning onto each column, so that any tool shows it. All in one
// transaction: each costs a sync of the disk else.
func (p *Project) comment(ctx context.Context, db *warehouse.DB, models []*Model) error {
	var text strings.Builder
	text.WriteString("begin transaction; ")
	for _, m := range models {
		columns, err := columnsOf(ctx, db, m.Table())
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "comment on %s %s is %s; ", m.form(), m.Table(), warehouse.Text(m.Grain))
		for _, name := range columns {
			if word, ok := p.words.Columns[name]; ok {
				fmt.Fprintf(&text, "comment on column %s.%s is %s; ", m.Table(), quote(name), warehouse.Text(word.Meaning))
			}
		}
	}
	text.WriteString("commit")
	return db.Exec(ctx, text.String())
}

// columnsOf returns a table's columns in order.
func columnsOf(ctx context.Context, db *warehouse.DB, table string) (names []string, err error) {
	rows, err := db.Query(ctx, "select * from "+table+" where false")
	if err != nil {
		return nil, err
	}
	defer func() {
		if closeErr := rows.Close(); err == nil {
			err = closeErr
		}
	}()
	if names, err = rows.Columns(); err != nil {
		return nil, err
	}
	return names, rows.Err()
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
