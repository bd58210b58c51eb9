package pipelines

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"tributary"
	"tributary/pipelines/warehouse"
	"tributary/reports/approval"
	"tributary/reports/submit"
)

// totalsShown is how many changed cells beside the totals an approver's page lists.
const totalsShown = 12

// labels are those of the measures of a generation, in one language.
func (w *Workspace) labels(ctx context.Context, m warehouse.Manifest, lang string) (labels, kinds map[string]string, err error) {
	labels, kinds = map[string]string{}, map[string]string{}
	column := "label"
	if lang == "fr" {
		column = "label_fr"
	}
	err = w.query(ctx, map[string]string{"release": m.Steps["release-contract"]}, "select measure, "+column+", kind from release.definition", func(rows *sql.Rows) error {
		var id, label, kind string
		err := rows.Scan(&id, &label, &kind)
		labels[id], kinds[id] = label, kind
		return err
	})
	return labels, kinds, err
}

// statisticNames are added to a label where a measure has several numbers.
var statisticNames = map[string]map[string]string{
	"en": {"share": "", "met": "met", "n": "cases", "median": "median", "p90": "90th percentile", "longest": "longest"},
	"fr": {"share": "", "met": "atteints", "n": "cas", "median": "médiane", "p90": "90e centile", "longest": "le plus long"},
}

// marginNames are the breakdowns that all measures have.
var marginNames = map[string]map[string]string{
	"en": {},
	"fr": {"agency": "organisme", "area": "secteur", "municipality": "municipalité", "employer": "employeur"},
}

func (m Moved) row(labels, kinds map[string]string, lang string) approval.Row {
	label := labels[m.Measure]
	if label == "" {
		label = m.Measure
	}
	if s := statisticNames[lang][m.statistic]; s != "" {
		label += " (" + s + ")"
	}
	if m.period == "ytd" {
		label += map[string]string{"en": ", year to date", "fr": ", depuis le début de l'exercice"}[lang]
	}
	if m.by != "" {
		by := m.by
		if word := marginNames[lang][by]; word != "" {
			by = word
		}
		label += ", " + strings.ReplaceAll(by, "_", " ") + " " + m.code
	}
	r := approval.Row{Label: label, Cell: m.Cell, Kind: kinds[m.Measure], Old: m.Old, New: m.New}
	if m.statistic == "met" || m.statistic == "n" {
		r.Kind = "number"
	}
	for _, p := range m.Parts {
		r.Parts = append(r.Parts, approval.Part{Cause: string(p.Cause), Came: p.Came, Went: p.Went, Moved: p.Moved})
	}
	return r
}

// draftBefore is the newest submission of the quarter that is there already.
func (w *Workspace) draftBefore(ctx context.Context, q tributary.Quarter) (submit.Manifest, bool, error) {
	all, err := w.Submissions(ctx)
	if err != nil {
		return submit.Manifest{}, false, err
	}
	for _, s := range slices.Backward(all) {
		if s.Quarter != q {
			continue
		}
		m, err := w.submissions().Read(s.ID)
		if errors.Is(err, fs.ErrNotExist) { // one of an earlier version of the program
			continue
		}
		return m, err == nil, err
	}
	return submit.Manifest{}, false, nil
}

// approvalPages writes the page that an approver reads, as HTML and as a workbook, in both languages.
func (w *Workspace) approvalPages(ctx context.Context, m warehouse.Manifest, man submit.Manifest, open []OpenCheck) ([]submit.File, error) {
	id, err := w.submissions().Next(m.Quarter)
	if err != nil {
		return nil, err
	}
	standing, err := w.standing(ctx)
	if err != nil {
		return nil, err
	}
	var changed []Moved
	before, hasDraft, err := w.draftBefore(ctx, m.Quarter)
	if err == nil && hasDraft {
		changed, err = w.difference(ctx, before, m, man)
	}
	if err != nil {
		return nil, err
	}
	p := approval.Page{Quarter: m.Quarter.String(), Submission: id, Restates: man.Restates, Why: man.Why, IsReturned: man.IsReturned, PreparedBy: man.PreparedBy,
		PreparedOn: man.PreparedAt.Format(time.DateOnly), Signatures: man.Signatures}
	for _, s := range man.Signers {
		p.Signers = append(p.Signers, s.Name)
	}
	if p.Ranges, p.StandsOn, err = w.rangesAndVersions(ctx, m); err != nil {
		return nil, err
	}
	err = w.query(ctx, map[string]string{"release": m.Steps["release-contract"]}, `select quarter, agency, state from release.delivery
		where quarter between ? and ? and state not in ('accepted', 'accepted_with_findings', 'nil', 'excused') order by quarter, agency`, func(rows *sql.Rows) error {
		var l approval.Lack
		err := rows.Scan(&l.Quarter, &l.Agency, &l.State)
		p.Lacking = append(p.Lacking, l)
		return err
	}, m.Quarter.FiscalYear()+"Q1", m.Quarter.String())
	if err != nil {
		return nil, err
	}
	p.Twice = map[string]int{}
	err = w.query(ctx, map[string]string{"release": m.Steps["release-contract"]}, "select unit, twice_count from release.twice where quarter = ?", func(rows *sql.Rows) error {
		var unit string
		var n int
		err := rows.Scan(&unit, &n)
		p.Twice[unit] = n
		return err
	}, m.Quarter.String())
	if err != nil {
		return nil, err
	}
	var files []submit.File
	for _, lang := range Languages {
		labels, kinds, err := w.labels(ctx, m, lang)
		if err != nil {
			return nil, err
		}
		p.Agency = w.Settings.Agency.Name
		if lang == "fr" && w.Settings.Agency.NameFR != "" {
			p.Agency = w.Settings.Agency.NameFR
		}
		p.Open = p.Open[:0]
		for _, o := range open {
			name := o.Name
			if lang == "fr" {
				name = o.NameFR
			}
			p.Open = append(p.Open, approval.Open{Name: name, Agencies: o.Agencies, Blocks: o.Severity == string(tributary.Blocks), Findings: o.Findings})
		}
		p.Draft = nil
		if hasDraft {
			p.Draft = draftComparison(before.Submission, changed, labels, kinds, lang)
			if p.Draft.Differs, err = w.rulesChanged(before); err != nil {
				return nil, err
			}
		}
		for _, with := range []struct {
			into  **approval.Comparison
			other tributary.Quarter
		}{{&p.Last, m.Quarter.Prev()}, {&p.Year, m.Quarter.Prev().Prev().Prev().Prev()}} {
			c, err := w.quarterComparison(ctx, m, with.other, labels, kinds)
			if err != nil {
				return nil, err
			}
			if s, ok := standing[with.other.String()]; ok && c != nil {
				was, err := w.submissions().Read(s.ID)
				if err != nil {
					return nil, err
				}
				if c.Differs, err = w.rulesChanged(was); err != nil {
					return nil, err
				}
			}
			*with.into = c
		}
		page, err := approval.HTML(p, lang)
		if err != nil {
			return nil, err
		}
		book, err := approval.Book(p, lang)
		if err != nil {
			return nil, err
		}
		files = append(files, submit.File{Name: "approval-" + lang + ".html", Data: page}, submit.File{Name: "approval-" + lang + ".xlsx", Data: book})
	}
	return files, nil
}

// rulesChanged names what of the workspace's own files, and of the program, is not as an earlier submission had it.
func (w *Workspace) rulesChanged(was submit.Manifest) ([]string, error) {
	own, err := w.ownFiles()
	if err != nil {
		return nil, err
	}
	var out []string
	left := maps.Clone(was.Workspace)
	for _, f := range own {
		name := strings.TrimPrefix(f.Name, "workspace/")
		sum, err := hashFile(f.Path)
		if err != nil {
			return nil, err
		}
		if left[name] != sum {
			out = append(out, name)
		}
		delete(left, name)
	}
	out = slices.Concat(out, slices.Sorted(maps.Keys(left)))
	slices.Sort(out)
	if was.Program != w.Program {
		out = append(out, "tributary "+was.Program+" / "+w.Program)
	}
	return out, nil
}

// draftComparison lists the totals that changed, then other cells, the largest first, as far as there is room.
func draftComparison(against string, changed []Moved, labels, kinds map[string]string, lang string) *approval.Comparison {
	c := &approval.Comparison{Against: against}
	var rest []Moved
	for _, m := range changed {
		if m.by == "" && m.period == "quarter" {
			c.Rows = append(c.Rows, m.row(labels, kinds, lang))
		} else {
			rest = append(rest, m)
		}
	}
	size := func(m Moved) float64 {
		if m.Old == nil || m.New == nil {
			return 0
		}
		return max(*m.Old-*m.New, *m.New-*m.Old)
	}
	slices.SortStableFunc(rest, func(a, b Moved) int {
		switch sa, sb := size(a), size(b); {
		case sa > sb:
			return -1
		case sa < sb:
			return 1
		}
		return strings.Compare(a.Cell, b.Cell)
	})
	room := max(0, totalsShown-len(c.Rows))
	for _, m := range rest[:min(room, len(rest))] {
		c.Rows = append(c.Rows, m.row(labels, kinds, lang))
	}
	c.More = max(0, len(rest)-room)
	return c
}

// quarterComparison compares the totals of the quarter with those of another one; nil when that has none. Where not
// the same agencies answered, it also counts those alone that answered for both.
func (w *Workspace) quarterComparison(ctx context.Context, m warehouse.Manifest, other tributary.Quarter, labels, kinds map[string]string) (*approval.Comparison, error) {
	db, err := w.House.Open(ctx, map[string]string{"release": m.Steps["release-contract"], "measure": m.Steps["measure"]})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	c := &approval.Comparison{Against: other.String()}
	var both []string
	err = scanAll(ctx, db, `select agency, bool_or(quarter = ?) as had, bool_or(quarter = ?) as has from release.delivery
		where state in ('accepted', 'accepted_with_findings', 'partly_accepted', 'nil') group by agency order by agency`, func(rows *sql.Rows) error {
		var agency string
		var had, has bool
		err := rows.Scan(&agency, &had, &has)
		switch {
		case had && has:
			both = append(both, warehouse.Text(agency))
		case had:
			c.Gone = append(c.Gone, agency)
		case has:
			c.Came = append(c.Came, agency)
		}
		return err
	}, other.String(), m.Quarter.String())
	if err != nil {
		return nil, err
	}
	isAny := false
	err = scanAll(ctx, db, `select o.measure, o.value, n.value from release.cell as n
		join release.cell as o on o.measure = n.measure and o.statistic is not distinct from n.statistic and o.period = n.period and coalesce(o."by", '') = ''
		join release.definition as d on d.measure = n.measure
		where n.quarter = ? and o.quarter = ? and n.period = 'quarter' and coalesce(n."by", '') = '' and coalesce(n.statistic, '') in ('', 'share', 'median', 'ratio')
		order by d.ordinal, n.measure`, func(rows *sql.Rows) error {
		var id string
		var before, now float64
		if err := rows.Scan(&id, &before, &now); err != nil {
			return err
		}
		isAny = true
		if before != now {
			c.Rows = append(c.Rows, approval.Row{Label: labels[id], Cell: id, Kind: kinds[id], Old: &before, New: &now})
		}
		return nil
	}, m.Quarter.String(), other.String())
	if err != nil || !isAny {
		return nil, err
	}
	c.Rows, c.Smaller = largest(c.Rows)
	for i := range c.Rows {
		r := &c.Rows[i]
		id := r.Cell
		if err := behind(ctx, db, r, other, m.Quarter); err != nil {
			return nil, err
		}
		if len(c.Came)+len(c.Gone) == 0 || len(both) == 0 { // that the data are newer says nothing about a newer quarter
			continue
		}
		if r.LikeOld, err = like(ctx, db, id, r.Kind, other, both); err != nil {
			return nil, err
		}
		if r.LikeNew, err = like(ctx, db, id, r.Kind, m.Quarter, both); err != nil {
			return nil, err
		}
		if r.LikeOld == nil || r.LikeNew == nil { // nothing parts the two
			r.Parts = []approval.Part{{Cause: string(CauseNew)}, {Cause: "agencies"}}
			continue
		}
		own := *r.LikeNew - *r.LikeOld
		r.Parts = append(balance(r.Kind, CauseNew, own), balance(r.Kind, "agencies", *r.New-*r.Old-own)...)
	}
	return c, nil
}

// behind finds what lies behind the change of a total between two quarters: of a count the agencies where it
// changed, the most first; of a share or of days the cases.
func behind(ctx context.Context, db *warehouse.DB, r *approval.Row, other, now tributary.Quarter) error {
	if r.Kind == "count" || r.Kind == "sum" {
		return scanAll(ctx, db, `select agency, sum(if(quarter = ?, value, -value)) as change from release.cell
			where measure = ? and quarter in (?, ?) and period = 'quarter' and "by" = 'agency' and coalesce(statistic, '') = ''
			group by agency having change <> 0 order by abs(change) desc, agency`, func(rows *sql.Rows) error {
			var a approval.Where
			err := rows.Scan(&a.Agency, &a.Change)
			r.Where = append(r.Where, a)
			return err
		}, now.String(), r.Cell, other.String(), now.String())
	}
	return scanAll(ctx, db, `select quarter = ?, statistic, value from release.cell
		where measure = ? and quarter in (?, ?) and period = 'quarter' and coalesce("by", '') = '' and statistic in ('met', 'n')`, func(rows *sql.Rows) error {
		var isNow bool
		var statistic string
		var n float64
		if err := rows.Scan(&isNow, &statistic, &n); err != nil {
			return err
		}
		of := &r.OldOf
		if isNow {
			of = &r.NewOf
		}
		if statistic == "met" {
			of.Met = &n
		} else {
			of.N = &n
		}
		return nil
	}, now.String(), r.Cell, other.String(), now.String())
}

// changesShown is how many totals an approver's page lists of a comparison of quarters.
const changesShown = 16

// largest keeps the totals that moved most against what chance alone would do (the root of a count), in their order.
func largest(rows []approval.Row) (kept []approval.Row, left int) {
	weight := func(r approval.Row) float64 {
		d := math.Abs(*r.New - *r.Old)
		if r.Kind == "share" {
			return 20 * d
		}
		return d / math.Sqrt(max(*r.New, *r.Old, 1))
	}
	if len(rows) <= changesShown {
		return rows, 0
	}
	sizes := make([]float64, len(rows))
	for i, r := range rows {
		sizes[i] = weight(r)
	}
	slices.Sort(sizes)
	least := sizes[len(sizes)-changesShown]
	for _, r := range rows {
		if weight(r) >= least && len(kept) < changesShown {
			kept = append(kept, r)
		}
	}
	return kept, len(rows) - len(kept)
}

// balance is a part of which only the balance is known; only of counts does it say how many.
func balance(kind string, cause Origin, n float64) []approval.Part {
	p := approval.Part{Cause: string(cause)}
	switch {
	case n == 0:
		return nil
	case kind != "count" && kind != "sum":
	case n > 0:
		p.Came = int(n + .5)
	default:
		p.Went = int(.5 - n)
	}
	return []approval.Part{p}
}

// like counts a measure of a quarter among some agencies alone; nil when nothing of it is theirs.
func like(ctx context.Context, db *warehouse.DB, id, kind string, q tributary.Quarter, agencies []string) (*float64, error) {
	value := map[string]string{"count": "count(*)::double", "sum": "sum(v)", "share": "avg(v)"}[kind]
	if kind == "ratio" { // its weights are not here
		return nil, nil
	}
	if value == "" {
		value = "quantile_disc(v, 0.5)"
	}
	var has bool
	if err := db.Scan(ctx, "select count(*) > 0 from duckdb_columns() where database_name = 'measure' and table_name = ? and column_name = 'period'", []any{id}, &has); err != nil {
		return nil, err
	}
	if has { // whether it counts depends on the other agencies, so it has no part that is some agencies' own
		return nil, nil
	}
	var out *float64
	err := db.Scan(ctx, fmt.Sprintf(`select if(count(*) = 0 and %[4]s, null, %[1]s) from (
		select unit_id, max(value::double) as v from measure."%[2]s" where quarter = ? and counted and agency in (%[3]s) group by unit_id)`,
		value, id, strings.Join(agencies, ", "), map[bool]string{true: "false", false: "true"}[kind == "count"]), []any{q.String()}, &out)
	return out, err
}

// rangesAndVersions reads how sure the unduplicated counts of the quarter are, and what earlier quarters stand on.
func (w *Workspace) rangesAndVersions(ctx context.Context, m warehouse.Manifest) (ranges []approval.Range, stands []approval.Stand, err error) {
	files := map[string]string{"release": m.Steps["release-contract"]}
	err = w.query(ctx, files, "select unit, period, counted, expected, low, high from release.expected where quarter = ? order by period, unit", func(rows *sql.Rows) error {
		var r approval.Range
		err := rows.Scan(&r.Unit, &r.Period, &r.Counted, &r.Expected, &r.Low, &r.High)
		ranges = append(ranges, r)
		return err
	}, m.Quarter.String())
	if err != nil {
		return nil, nil, err
	}
	err = w.query(ctx, files, `select v.quarter, v.submission, v.restatement, v.signed_on, count(distinct l.measure)
		from release.version as v left join release.late as l on l.quarter = v.quarter group by all order by v.quarter`, func(rows *sql.Rows) error {
		var s approval.Stand
		err := rows.Scan(&s.Quarter, &s.Submission, &s.Restatement, &s.SignedOn, &s.Late)
		stands = append(stands, s)
		return err
	})
	return ranges, stands, err
}

// correctionBooks are the workbooks of a restatement.
func (w *Workspace) correctionBooks(ctx context.Context, m warehouse.Manifest, old, man submit.Manifest, moved []Moved) ([]submit.File, error) {
	var files []submit.File
	for _, lang := range Languages {
		labels, kinds, err := w.labels(ctx, m, lang)
		if err != nil {
			return nil, err
		}
		c := approval.Corrections{Agency: w.Settings.Agency.Name, Quarter: m.Quarter.String(), Restates: old.Submission, Why: man.Why, IsReturned: man.IsReturned, Restatement: man.Restatement}
		if lang == "fr" && w.Settings.Agency.NameFR != "" {
			c.Agency = w.Settings.Agency.NameFR
		}
		for _, cell := range moved {
			c.Rows = append(c.Rows, cell.row(labels, kinds, lang))
		}
		book, err := approval.CorrectionBook(c, lang)
		if err != nil {
			return nil, err
		}
		files = append(files, submit.File{Name: "corrections-" + lang + ".xlsx", Data: book})
	}
	return files, nil
}
