package ministry

import (
	"context"
	"database/sql"
	"fmt"
	"sort"
	"strings"
	"time"

	"tributary"
)

// key finds a published number: code is the agency, municipality or breakdown code of by.
type key struct {
	measure, statistic string
	quarter            string
	period             string
	by, code           string
}

type number struct {
	cellID  string
	value   float64
	isSmall bool
	hidden  bool
}

type definition struct {
	measure, pack, kind, unit, basis, since, question string
	label, definition, cites                          string
	version                                           int64
}

type code struct{ code, label string }

type agency struct{ code, name, role, category, rule, authority string }

type delivery struct {
	state    string
	isLate   bool
	dueOn    sql.NullTime
	received sql.NullTime
}

type target struct {
	measure, statistic, setBy string
	value                     float64
}

type setAside struct {
	agency, table               string
	read, taken, aside, notData int64
}

// likely is how sure an unduplicated count is; version says which submission an earlier quarter stands on.
type (
	likely struct {
		unit, period       string
		counted, low, high int64
		expected           float64
	}
	version struct {
		quarter, submission, signedOn string
		restatement, late             int64
	}
)

type dataNote struct {
	severity, label string
	agencies        []string
	count           int64
}

// release is what the workbook knows: the tables release.* up to the quarter, in memory. They are
// small: thousands of cells, never people.
type release struct {
	quarter     tributary.Quarter
	lang        string
	settings    map[string]string
	cells       map[key]number
	told        map[string]bool // measures with a cell in any quarter
	definitions []definition
	breakdowns  map[string]map[string][]code // measure, by: codes in order
	rules       map[string][]string
	agencies    []agency
	deliveries  map[string]map[string]delivery // agency, quarter
	targets     []target
	asides      []setAside
	dataNotes   []dataNote
	likely      []likely
	versions    []version
	twice       map[string]int64  // child, family
	notes       map[string]string // cell_id + field: text
	quarters    []tributary.Quarter
}

func read(ctx context.Context, q Query, quarter tributary.Quarter, lang string) (*release, error) {
	r := &release{
		quarter: quarter, lang: lang,
		settings: map[string]string{}, cells: map[key]number{}, told: map[string]bool{}, twice: map[string]int64{},
		breakdowns: map[string]map[string][]code{}, rules: map[string][]string{},
		deliveries: map[string]map[string]delivery{}, notes: map[string]string{},
	}
	for _, part := range []struct {
		table string
		read  func(context.Context, Query) error
	}{
		{"setting", r.readSettings}, {"definition", r.readDefinitions}, {"cell", r.readCells},
		{"breakdown", r.readBreakdowns}, {"rule", r.readRules}, {"agency", r.readAgencies},
		{"delivery", r.readDeliveries}, {"target", r.readTargets}, {"set_aside", r.readAsides},
		{"data_note", r.readDataNotes}, {"note", r.readNotes}, {"expected", r.readLikely}, {"version", r.readVersions},
	} {
		if err := part.read(ctx, q); err != nil {
			return nil, fmt.Errorf("read release.%s: %w", part.table, err)
		}
	}
	if len(r.definitions) == 0 {
		return nil, tributary.Fix(fmt.Errorf("the release defines no measure"),
			"run the quarter first: tributary run --quarter "+quarter.String())
	}
	r.findQuarters()
	return r, nil
}

// rows runs the query and hands each row to scan.
func rows(ctx context.Context, q Query, text string, scan func(*sql.Rows) error, args ...any) (err error) {
	found, err := q.Query(ctx, text, args...)
	if err != nil {
		return err
	}
	defer func() {
		if e := found.Close(); err == nil {
			err = e
		}
	}()
	for found.Next() {
		if err := scan(found); err != nil {
			return err
		}
	}
	return found.Err()
}

// pick is the SQL for the text of the language, the other one where it is lacking.
func (r *release) pick(column string) string {
	en, fr := column, column+"_fr"
	if r.lang == "fr" {
		en, fr = fr, en
	}
	return fmt.Sprintf("coalesce(nullif(%s, ''), %s, '')", en, fr)
}

func (r *release) readSettings(ctx context.Context, q Query) error {
	return rows(ctx, q, `select name, coalesce(value::varchar, '') from release.setting order by name`, func(rs *sql.Rows) error {
		var name, value string
		err := rs.Scan(&name, &value)
		r.settings[name] = value
		return err
	})
}

func (r *release) readDefinitions(ctx context.Context, q Query) error {
	return rows(ctx, q, `select measure, coalesce(pack, ''), kind, unit, basis, coalesce(version, 1)::bigint, coalesce(since, ''),
		coalesce(question, ''), `+r.pick("label")+`, `+r.pick("definition")+`, coalesce(cites, '')
		from release.definition order by ordinal, measure`, func(rs *sql.Rows) error {
		var d definition
		err := rs.Scan(&d.measure, &d.pack, &d.kind, &d.unit, &d.basis, &d.version, &d.since, &d.question, &d.label, &d.definition, &d.cites)
		if d.label == "" {
			d.label = d.measure
		}
		r.definitions = append(r.definitions, d)
		return err
	})
}

func (r *release) readCells(ctx context.Context, q Query) error {
	return rows(ctx, q, `select cell_id, measure, coalesce(statistic, ''), quarter, period, coalesce("by", ''),
		case coalesce("by", '') when '' then '' when 'agency' then agency when 'area' then area
			when 'municipality' then municipality when 'employer' then employer else breakdown end,
		value, coalesce(is_small, false), coalesce(is_hidden, false)
		from release.cell where quarter <= $1 order by cell_id`, func(rs *sql.Rows) error {
		var k key
		var n number
		var at sql.NullString
		var value sql.NullFloat64
		if err := rs.Scan(&n.cellID, &k.measure, &k.statistic, &k.quarter, &k.period, &k.by, &at, &value, &n.isSmall, &n.hidden); err != nil {
			return err
		}
		// A hidden value may be NULL in the release; a cell without a value is missing.
		if !value.Valid && !n.hidden {
			return nil
		}
		k.code, n.value = at.String, value.Float64
		r.cells[k], r.told[k.measure] = n, true
		return nil
	}, r.quarter.String())
}

func (r *release) readBreakdowns(ctx context.Context, q Query) error {
	return rows(ctx, q, `select measure, "by", code, `+r.pick("label")+` from release.breakdown
		order by measure, "by", ordinal, code`, func(rs *sql.Rows) error {
		var measure, by string
		var c code
		err := rs.Scan(&measure, &by, &c.code, &c.label)
		if c.label == "" {
			c.label = c.code
		}
		if r.breakdowns[measure] == nil {
			r.breakdowns[measure] = map[string][]code{}
		}
		r.breakdowns[measure][by] = append(r.breakdowns[measure][by], c)
		return err
	})
}

func (r *release) readRules(ctx context.Context, q Query) error {
	return rows(ctx, q, `select measure, `+r.pick("label")+` from release.rule order by measure, code`, func(rs *sql.Rows) error {
		var measure, label string
		err := rs.Scan(&measure, &label)
		r.rules[measure] = append(r.rules[measure], label)
		return err
	})
}

func (r *release) readAgencies(ctx context.Context, q Query) error {
	return rows(ctx, q, `select agency, `+r.pick("name")+`, coalesce(role, ''), coalesce(category, ''),
		coalesce(linking_rule, ''), coalesce(linking_authority, '') from release.agency order by agency`, func(rs *sql.Rows) error {
		var a agency
		err := rs.Scan(&a.code, &a.name, &a.role, &a.category, &a.rule, &a.authority)
		r.agencies = append(r.agencies, a)
		return err
	})
}

func (r *release) readDeliveries(ctx context.Context, q Query) error {
	return rows(ctx, q, `select agency, quarter, state, coalesce(is_late, false), due_on, received_on
		from release.delivery where quarter <= $1 order by agency, quarter`, func(rs *sql.Rows) error {
		var who, quarter string
		var d delivery
		err := rs.Scan(&who, &quarter, &d.state, &d.isLate, &d.dueOn, &d.received)
		if r.deliveries[who] == nil {
			r.deliveries[who] = map[string]delivery{}
		}
		r.deliveries[who][quarter] = d
		return err
	}, r.quarter.String())
}

func (r *release) readTargets(ctx context.Context, q Query) error {
	return rows(ctx, q, `select measure, value, coalesce(set_by, '') from release.target
		where quarter = $1 and value is not null order by measure, value`, func(rs *sql.Rows) error {
		var t target
		err := rs.Scan(&t.measure, &t.value, &t.setBy)
		t.measure, t.statistic, _ = strings.Cut(t.measure, ".")
		r.targets = append(r.targets, t)
		return err
	}, r.quarter.String())
}

func (r *release) readAsides(ctx context.Context, q Query) error {
	return rows(ctx, q, `select agency, into_table, sum(read_count)::bigint, sum(taken_count)::bigint,
		sum(set_aside_count)::bigint, sum(not_data_count)::bigint from release.set_aside
		where quarter = $1 group by agency, into_table order by agency, into_table`, func(rs *sql.Rows) error {
		var s setAside
		err := rs.Scan(&s.agency, &s.table, &s.read, &s.taken, &s.aside, &s.notData)
		r.asides = append(r.asides, s)
		return err
	}, r.quarter.String())
}

func (r *release) readDataNotes(ctx context.Context, q Query) error {
	return rows(ctx, q, `select severity, coalesce(nullif(`+r.pick("label")+`, ''), check_id) as name,
		string_agg(distinct agency, ', ' order by agency), sum(finding_count)::bigint
		from release.data_note where quarter = $1 group by check_id, severity, name
		order by case severity when 'blocks' then 1 when 'sets_aside' then 2 when 'please_confirm' then 3 else 4 end,
			sum(finding_count) desc, check_id`, func(rs *sql.Rows) error {
		var n dataNote
		var agencies string
		err := rs.Scan(&n.severity, &n.label, &agencies, &n.count)
		n.agencies = strings.Split(agencies, ", ")
		r.dataNotes = append(r.dataNotes, n)
		return err
	}, r.quarter.String())
}

func (r *release) readLikely(ctx context.Context, q Query) error {
	return rows(ctx, q, `select unit, period, counted, expected, low, high from release.expected where quarter = $1
		order by period, unit`, func(rs *sql.Rows) error {
		var l likely
		err := rs.Scan(&l.unit, &l.period, &l.counted, &l.expected, &l.low, &l.high)
		r.likely = append(r.likely, l)
		return err
	}, r.quarter.String())
}

func (r *release) readVersions(ctx context.Context, q Query) error {
	err := rows(ctx, q, "select unit, twice_count from release.twice where quarter = $1 order by unit", func(rs *sql.Rows) error {
		var unit string
		var n int64
		err := rs.Scan(&unit, &n)
		r.twice[unit] = n
		return err
	}, r.quarter.String())
	if err != nil {
		return err
	}
	return rows(ctx, q, `select v.quarter, v.submission, v.restatement, v.signed_on, count(distinct l.measure)
		from release.version as v left join release.late as l on l.quarter = v.quarter group by all order by v.quarter`, func(rs *sql.Rows) error {
		var v version
		err := rs.Scan(&v.quarter, &v.submission, &v.restatement, &v.signedOn, &v.late)
		r.versions = append(r.versions, v)
		return err
	})
}

// readNotes keeps the newest text of each cell and field.
func (r *release) readNotes(ctx context.Context, q Query) error {
	return rows(ctx, q, `select coalesce(cell_id, ''), field, coalesce(text, '') from release.note
		order by noted_at, cell_id, field, text`, func(rs *sql.Rows) error {
		var cellID, field, text string
		err := rs.Scan(&cellID, &field, &text)
		r.notes[cellID+"\x00"+field] = text
		return err
	})
}

// findQuarters lists the quarters that have cells or deliveries, oldest first, this one last.
func (r *release) findQuarters() {
	seen := map[string]bool{r.quarter.String(): true}
	for k := range r.cells {
		seen[k.quarter] = true
	}
	for text := range seen {
		if q, err := tributary.ParseQuarter(text); err == nil {
			r.quarters = append(r.quarters, q)
		}
	}
	sort.Slice(r.quarters, func(i, j int) bool { return r.quarters[i].Compare(r.quarters[j]) < 0 })
}

// total finds the number of the whole, the main statistic where none is named.
func (r *release) total(d definition, statistic string, q tributary.Quarter, period string) (number, bool) {
	return r.at(d, statistic, q, period, "", "")
}

func (r *release) at(d definition, statistic string, q tributary.Quarter, period, by, code string) (number, bool) {
	if statistic == "" {
		statistic = mainStatistic(d.kind)
	}
	n, ok := r.cells[key{d.measure, statistic, q.String(), period, by, code}]
	return n, ok
}

func (r *release) definition(measure string) (definition, bool) {
	for _, d := range r.definitions {
		if d.measure == measure {
			return d, true
		}
	}
	return definition{}, false
}

// codes lists the codes of a margin that have a cell in this quarter, or, for agencies, all.
func (r *release) codes(by string) []code {
	if by == "agency" {
		all := make([]code, len(r.agencies))
		for i, a := range r.agencies {
			all[i] = code{a.code, a.code}
		}
		return all
	}
	// A place that no measure names but as not recorded is no column: complaints live nowhere.
	in := map[string]bool{}
	for _, d := range r.definitions {
		in[d.measure] = r.inMargin(d, by)
	}
	seen := map[string]bool{}
	for k := range r.cells {
		if k.by == by && k.quarter == r.quarter.String() && k.code != "" && in[k.measure] {
			seen[k.code] = true
		}
	}
	found := make([]code, 0, len(seen))
	for c := range seen {
		label := c
		if local := r.settings[by+"_"+r.lang+"."+c]; local != "" {
			label = local
		}
		found = append(found, code{c, label})
	}
	// What no agency stated stands last, whatever its spelling.
	sort.Slice(found, func(i, j int) bool {
		a, b := found[i].code, found[j].code
		if (a == unknownCode) != (b == unknownCode) {
			return b == unknownCode
		}
		return a < b
	})
	return found
}

// unknownCode is the code of a margin or breakdown whose value is missing.
const unknownCode = "unknown"

// answered tells whether the agency's part of the quarter is known: its data counts, or it said that
// there is none.
func answered(state string) bool {
	switch state {
	case "accepted", "accepted_with_findings", "partly_accepted", "nil":
		return true
	}
	return false
}

// state is the delivery of the agency; what was never asked for is not due.
func (r *release) state(agency string, q tributary.Quarter) delivery {
	if d, ok := r.deliveries[agency][q.String()]; ok {
		return d
	}
	return delivery{state: "not_due"}
}

// answering lists the agencies whose part of the quarter is known.
func (r *release) answering(q tributary.Quarter) []string {
	var who []string
	for _, a := range r.agencies {
		if answered(r.state(a.code, q).state) {
			who = append(who, a.code)
		}
	}
	return who
}

// mainStatistic is the statistic that stands on a measure's own line.
func mainStatistic(kind string) string {
	switch kind {
	case "share", "ratio":
		return kind
	case "quantile", "wait":
		return "median"
	}
	return ""
}

// otherStatistics follow below it.
func otherStatistics(kind string) []string {
	switch kind {
	case "share":
		return []string{"met", "n"}
	case "ratio":
		return []string{"n"}
	case "quantile":
		return []string{"p90", "n"}
	case "wait":
		return []string{"p90", "longest", "n"}
	}
	return nil
}

// asOf is the day the data speaks for: the setting, else the quarter's last day.
func (r *release) asOf() time.Time {
	if t, err := time.Parse(time.DateOnly, r.settings["as_of"]); err == nil {
		return t
	}
	return r.quarter.End()
}
