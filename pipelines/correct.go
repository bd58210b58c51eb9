package pipelines

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tributary"
	"tributary/pipelines/config"
	"tributary/pipelines/ledger"
	"tributary/pipelines/mapping"
	"tributary/pipelines/warehouse"
	tables "tributary/sql"
)

// ErrNotAsked says that a finding is not there, or that nobody needs to answer it.
var ErrNotAsked = errors.New("is not asked")

// errKnown says that a correction gives what the file gives.
var errKnown = errors.New("says that already")

// errMoved says that a correction is about a file that was replaced since, by one that says something else.
var errMoved = errors.New("the file was replaced by one that says something else")

// Correction is a person's statement of a value, in place of what the agency's file says.
type Correction struct {
	Agency, Client string
	// Column is the canonical column (birth_date), with its table where several have it (episode.closed_on),
	// or the agency's own heading.
	Column string
	// Value as we write it or as the agency does; empty for: not known.
	Value string
	// Was says which of the client's values is meant, where its rows differ.
	Was *string
	Why string
	// Check is whose finding it answers: of several columns with one name, that of a table which the check judges is meant.
	Check string
	// At is the row in question, of a file that may have been replaced since; the zero address stands for the client's
	// newest rows.
	At tributary.Address
}

// Stated is what a correction will do.
type Stated struct {
	Agency string `json:"agency"`
	Table  string `json:"table"`
	Column string `json:"column"`
	// Rows of the newest delivery say what the correction is about.
	Rows    int    `json:"rows"`
	Quarter string `json:"quarter"`
	entry   ledger.Entry
}

// people opens the published stage, where values of persons are.
func (w *Workspace) people(ctx context.Context) (*warehouse.DB, error) {
	m, err := w.House.Current()
	if err != nil {
		return nil, err
	}
	return w.House.Open(ctx, map[string]string{"stage": m.Steps["stage"]})
}

// Correct writes corrections into the ledger, all or none. They act in the next run, while the source says
// what it says now.
func (w *Workspace) Correct(ctx context.Context, all ...Correction) ([]Stated, error) {
	db, err := w.people(ctx)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	stated, err := w.state(ctx, db, all)
	if err != nil {
		return nil, err
	}
	entries := make([]ledger.Entry, len(stated))
	for i, s := range stated {
		entries[i] = s.entry
	}
	return stated, w.Ledger.Append(ctx, entries...)
}

// state makes facts of corrections and tells all that is wrong with them.
func (w *Workspace) state(ctx context.Context, db *warehouse.DB, all []Correction) ([]Stated, error) {
	words, err := config.ReadDictionary(tables.FS)
	if err != nil {
		return nil, err
	}
	var out []Stated
	var faults []error
	for _, c := range all {
		s, err := w.stateOne(ctx, db, words, c)
		if err != nil {
			faults = append(faults, err)
		}
		out = append(out, s)
	}
	return out, errors.Join(faults...)
}

func (w *Workspace) stateOne(ctx context.Context, db *warehouse.DB, words *config.Dictionary, c Correction) (Stated, error) {
	out := Stated{Agency: c.Agency}
	a, err := w.Agency(c.Agency)
	if err != nil {
		return out, err
	}
	if out.Table, out.Column, err = w.target(ctx, db, words, c); err != nil {
		return out, err
	}
	if words.Columns[out.Column].Forbidden && a.KeepHealthNumber == "" {
		return out, tributary.Fix(fmt.Errorf("correct %s: %s may not be held of this agency", c.Agency, out.Column), "leave it out; keep_health_number in the agency's file names an authority, where there is one")
	}
	was, record, err := w.says(ctx, db, words, c, &out)
	if err != nil {
		return out, err
	}
	value, err := mapping.ReadValue(ctx, db, a, out.Table, out.Column, c.Value)
	if err != nil {
		return out, err
	}
	if value == was {
		return out, tributary.Fix(fmt.Errorf("%s: %s.%s %w", c.Agency, out.Table, out.Column, errKnown), "nothing needs to be done")
	}
	out.entry = ledger.Entry{Kind: "correction", Who: w.Who, At: w.Now(), Why: c.Why, Fields: map[string]string{"agency": c.Agency, "client_local_id": c.Client,
		"table_name": out.Table, "column_name": out.Column, "was": was, "value": value, "quarter": out.Quarter, "record": record}}
	return out, nil
}

// fixed are columns that tie rows together; another value would be another row.
var fixed = []string{"client_local_id", "episode_local_id", "caregiver_number", "goal_number", "birth_date_precision"}

// target finds the table and column that a correction names.
func (w *Workspace) target(ctx context.Context, db *warehouse.DB, words *config.Dictionary, c Correction) (table, column string, err error) {
	var have [][2]string
	for name, t := range words.Tables {
		for _, col := range t.Columns {
			if slices.Contains(t.Columns, "client_local_id") && (c.Column == col || c.Column == name+"."+col) {
				have = append(have, [2]string{name, col})
			}
		}
	}
	if len(have) == 0 {
		// The agency's own heading; of several uses that of the row in question.
		rows, err := db.Query(ctx, `select distinct into_table, column_name from stage."column"
			where agency = ? and lower(heading) = lower(?) and (? in ('', quarter)) and (? in ('', file)) and (? in ('', coalesce(sheet, '')))`,
			c.Agency, c.Column, quarterText(c.At.Quarter), c.At.File, c.At.Sheet)
		if err != nil {
			return "", "", err
		}
		defer rows.Close()
		for rows.Next() {
			var one [2]string
			if err := rows.Scan(&one[0], &one[1]); err != nil {
				return "", "", err
			}
			have = append(have, one)
		}
		if err := rows.Err(); err != nil {
			return "", "", err
		}
	}
	slices.SortFunc(have, func(a, b [2]string) int { return strings.Compare(a[0]+"."+a[1], b[0]+"."+b[1]) })
	if len(have) > 1 && c.Check != "" {
		tables, named, err := judgedBy(c.Check)
		if err != nil {
			return "", "", err
		}
		for _, isMeant := range []func([2]string) bool{
			func(one [2]string) bool { return slices.Contains(tables, one[0]) },
			func(one [2]string) bool { return one[1] == named },
		} {
			if slices.ContainsFunc(have, isMeant) {
				have = slices.DeleteFunc(have, func(one [2]string) bool { return !isMeant(one) })
			}
		}
	}
	if at := slices.IndexFunc(have, func(one [2]string) bool { return one[0] == "client" }); len(have) > 1 && at >= 0 {
		have = have[at : at+1]
	}
	switch {
	case len(have) == 0:
		var names []string
		for col := range words.Columns {
			names = append(names, col)
		}
		slices.Sort(names)
		fix := "write a column of sql/tables.yaml, or the agency's own heading"
		if meant := config.Guess(c.Column, names); meant != "" {
			fix = "did you mean " + meant + "?"
		}
		return "", "", tributary.Fix(fmt.Errorf("correct %s: no column is called %q", c.Agency, c.Column), fix)
	case len(have) > 1:
		var said []string
		for _, one := range have {
			said = append(said, one[0]+"."+one[1])
		}
		return "", "", tributary.Fix(fmt.Errorf("correct %s: %q is a column of several tables", c.Agency, c.Column), "write one of "+strings.Join(said, ", "))
	case slices.Contains(fixed, have[0][1]):
		return "", "", tributary.Fix(fmt.Errorf("correct %s: %s ties rows together and cannot be corrected here", c.Agency, have[0][1]), "ask the agency to correct it and to send the file again")
	}
	return have[0][0], have[0][1], nil
}

// judgedBy names the tables whose rows a check judges, and the one column that it is about where it is one.
func judgedBy(check string) (tables []string, column string, err error) {
	all, err := Checks()
	if err != nil {
		return nil, "", err
	}
	for _, c := range all {
		if c.ID == check && c.SQL != "" {
			return c.examines(), c.judges(), nil
		}
	}
	return nil, "", nil
}

func quarterText(q tributary.Quarter) string {
	if q.IsZero() {
		return ""
	}
	return q.String()
}

// says finds what the source says now, before corrections and before checks emptied it; and of a row in question which
// of the client's records it is.
func (w *Workspace) says(ctx context.Context, db *warehouse.DB, words *config.Dictionary, c Correction, out *Stated) (was, record string, err error) {
	key, joins, source := words.Tables[out.Table].Key, "", map[string]string{}
	for i, col := range append(slices.Clone(key), out.Column) {
		joins += fmt.Sprintf(`
			left join (select distinct agency, quarter, was, _address from stage.corrected where into_table = '%[1]s' and column_name = '%[2]s' and is_used) as k%[3]d
				on k%[3]d.agency = t.agency and k%[3]d.quarter = t.quarter and k%[3]d._address = t._address
			left join (select distinct agency, quarter, value, _address from stage.emptied where into_table = '%[1]s' and column_name = '%[2]s') as e%[3]d
				on e%[3]d.agency = t.agency and e%[3]d.quarter = t.quarter and e%[3]d._address = t._address`, out.Table, col, i)
		source[col] = fmt.Sprintf("if(k%[1]d.agency is not null, k%[1]d.was, coalesce(e%[1]d.value, cast(t.%[2]s as varchar)))", i, col)
	}
	type row struct {
		quarter, said, record, file, sheet string
		replaced, isMeant                  bool
	}
	var rows []row
	if err := scanAll(ctx, db, fmt.Sprintf(`
		select t.quarter, coalesce(%s, ''), %s, t._address.file, coalesce(t._address.sheet, ''), t.is_superseded is true,
			$3 = t._address.file and $4 = t._address.version and $5 = coalesce(t._address.sheet, '') and $6 = t._address."row" and $7 = coalesce(t._address.path, '')
		from stage.%s as t %s
		where t.agency = $1 and t.client_local_id = $2 and $8 in ('', t.quarter) order by all`,
		source[out.Column], mapping.RecordSQL(key, out.Column, func(col string) string { return source[col] }), out.Table, joins),
		func(r *sql.Rows) error {
			var one row
			err := r.Scan(&one.quarter, &one.said, &one.record, &one.file, &one.sheet, &one.replaced, &one.isMeant)
			rows = append(rows, one)
			return err
		}, c.Agency, c.Client, c.At.File, c.At.Version, c.At.Sheet, c.At.Row, c.At.Path, quarterText(c.At.Quarter)); err != nil {
		return "", "", err
	}
	where := fmt.Sprintf("correct %s: %s.%s", c.Agency, out.Table, out.Column)
	inFile := "correct it in your system and send the file again"
	var meant []row
	for _, r := range rows {
		if c.At.Row == 0 && !r.replaced || r.isMeant {
			meant = append(meant, r)
		}
	}
	if c.At.Row == 0 && len(meant) > 0 {
		out.Quarter = meant[len(meant)-1].quarter
		meant = slices.DeleteFunc(meant, func(r row) bool { return r.quarter != out.Quarter || c.Was != nil && *c.Was != r.said })
	}
	if len(meant) == 0 {
		if c.Was != nil && out.Quarter != "" {
			return "", "", tributary.Fix(fmt.Errorf("%s: no row of the client says what --was says", where), "leave --was out to see whether its rows differ")
		}
		return "", "", tributary.Fix(fmt.Errorf("%s: no delivery holds a row of this client", where),
			"compare the client number with the agency's file; a row that is set aside is corrected in the file")
	}
	first := meant[0]
	different := slices.CompactFunc(slices.Clone(meant), func(a, b row) bool { return a.said == b.said })
	switch {
	case c.At.Row == 0 && len(different) > 1:
		return "", "", tributary.Fix(fmt.Errorf("%s: the client's rows say %d different things", where, len(different)), "say which is meant with --was VALUE, as the table has it")
	case c.At.Row == 0:
		out.Rows = len(meant)
		return first.said, "", nil
	case slices.ContainsFunc(meant, func(r row) bool { return r.said != first.said || r.record != first.record }):
		return "", "", tributary.Fix(fmt.Errorf("%s: the row makes several records, which cannot be told apart here", where), inFile)
	}
	out.Quarter = first.quarter
	inOneSheet := 0
	for _, r := range rows {
		if !r.replaced && r.said == first.said && r.record == first.record {
			out.Rows++
			if r.file == first.file && r.sheet == first.sheet {
				inOneSheet++
			}
		}
	}
	if out.Rows == 0 {
		return "", "", fmt.Errorf("%s: %w", where, errMoved)
	}
	if inOneSheet > 1 && slices.Contains(key, out.Column) {
		return "", "", tributary.Fix(fmt.Errorf("%s: %d rows of the client cannot be told apart", where, inOneSheet), inFile)
	}
	return first.said, first.record, nil
}

// TakeBack ends the corrections of a client's column and says how many there were.
func (w *Workspace) TakeBack(ctx context.Context, c Correction) (int, error) {
	facts, err := w.Ledger.Current(ctx, "correction")
	if err != nil {
		return 0, err
	}
	of := func(isMeant func(table, column string) bool) (entries []ledger.Entry) {
		for _, f := range facts {
			if f.Fields["agency"] == c.Agency && f.Fields["client_local_id"] == c.Client && isMeant(f.Fields["table_name"], f.Fields["column_name"]) {
				entries = append(entries, ledger.Entry{Kind: f.Kind, Fields: f.Fields, Who: w.Who, At: w.Now(), Why: c.Why, Ends: true})
			}
		}
		return entries
	}
	entries := of(func(table, column string) bool { return c.Column == column || c.Column == table+"."+column })
	if len(entries) == 0 { // perhaps the agency's own heading
		db, err := w.people(ctx)
		if err != nil {
			return 0, err
		}
		defer db.Close()
		words, err := config.ReadDictionary(tables.FS)
		if err != nil {
			return 0, err
		}
		if table, column, err := w.target(ctx, db, words, c); err == nil {
			entries = of(func(t, col string) bool { return t == table && col == column })
		}
	}
	if len(entries) == 0 {
		return 0, tributary.Fix(fmt.Errorf("correct %s: no correction of %q stands for this client", c.Agency, c.Column),
			"see those that act with: tributary findings --check correction_used --agency "+c.Agency)
	}
	return len(entries), w.Ledger.Append(ctx, entries...)
}

// Confirmation is a person's word on a finding, or on all findings of its cause.
type Confirmation struct {
	Finding string
	// WholeCause takes in all findings of the same check about the same column of the same delivery.
	WholeCause bool
	Why        string
	// OnlyExplains keeps the finding asking; the words are shown beside it.
	OnlyExplains bool
	// Undo takes it back.
	Undo bool
}

// asking is a finding as an answer needs it.
type asking struct {
	id, check, agency, quarter, severity, column, client, shown, record, hash string
	address                                                                   tributary.Address
}

// askings reads findings by a condition over f (stage.finding) and c (stage.finding_cell).
func (w *Workspace) askings(ctx context.Context, db *warehouse.DB, where string, args ...any) ([]asking, error) {
	rows, err := db.Query(ctx, `
		select f.finding_id, f.check_id, f.agency, coalesce(f.quarter, ''), f.severity, coalesce(f.column_name, ''), coalesce(c.client_local_id, ''), coalesce(c.shown, ''), c.record, c.value_hash,
			coalesce(f.file, ''), coalesce(f.version, 0), coalesce(f.sheet, ''), coalesce(f."row", 0), coalesce(f.path, '')
		from stage.finding as f
		join stage.finding_cell as c on c.finding_id = f.finding_id and c.check_id = f.check_id
		where `+where+` order by f.finding_id, f.check_id`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []asking
	for rows.Next() {
		var f asking
		if err := rows.Scan(&f.id, &f.check, &f.agency, &f.quarter, &f.severity, &f.column, &f.client, &f.shown, &f.record, &f.hash,
			&f.address.File, &f.address.Version, &f.address.Sheet, &f.address.Row, &f.address.Path); err != nil {
			return nil, err
		}
		f.address.Agency = f.agency
		if f.quarter != "" {
			if f.address.Quarter, err = tributary.ParseQuarter(f.quarter); err != nil {
				return nil, err
			}
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

// Confirm writes confirmations or explanations into the ledger and says of how many findings. They act in
// the next run, in whatever file and quarter the same record says the same.
func (w *Workspace) Confirm(ctx context.Context, c Confirmation) (int, error) {
	db, err := w.people(ctx)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	found, err := w.askings(ctx, db, isOfNewest+" and f.finding_id = ?", c.Finding)
	if err != nil {
		return 0, err
	}
	if len(found) == 0 {
		return 0, tributary.Fix(fmt.Errorf("confirm %s: %w: no finding of a file that counts has this id", c.Finding, ErrNotAsked), "see the ids with: tributary findings --all")
	}
	if c.WholeCause {
		f := found[0]
		if found, err = w.causeOf(ctx, db, f.agency, f.quarter, f.check, f.column); err != nil {
			return 0, err
		}
	}
	entries, err := w.confirm(found, c)
	if err != nil {
		return 0, fmt.Errorf("confirm %s: %w", c.Finding, err)
	}
	return len(found), w.Ledger.Append(ctx, entries...)
}

// causeOf reads the findings of one cause.
func (w *Workspace) causeOf(ctx context.Context, db *warehouse.DB, agency, quarter, check, column string) ([]asking, error) {
	return w.askings(ctx, db, isOfNewest+" and f.agency = ? and coalesce(f.quarter, '') = ? and f.check_id = ? and coalesce(f.column_name, '') = ?", agency, quarter, check, column)
}

// confirm makes facts of an answer to findings; what cannot be answered so is refused.
func (w *Workspace) confirm(found []asking, c Confirmation) ([]ledger.Entry, error) {
	kind := "confirmation"
	if c.OnlyExplains {
		kind = "explanation"
	}
	var entries []ledger.Entry
	seen := map[string]bool{}
	for _, f := range found {
		switch {
		case c.Undo || f.severity == string(tributary.PleaseConfirm) || c.OnlyExplains && f.severity != string(tributary.Note):
		case f.severity == string(tributary.Note):
			return nil, tributary.Fix(fmt.Errorf("%w: %s only informs, or was confirmed before", ErrNotAsked, f.check), "nothing needs to be done")
		case f.severity == string(tributary.Blocks):
			return nil, tributary.Fix(fmt.Errorf("%s holds the file and cannot be confirmed", f.check), "if the file is right as it is: tributary accept FILE --agency "+f.agency+` --why "..."`)
		default:
			return nil, tributary.Fix(fmt.Errorf("%s keeps the row out and cannot be confirmed", f.check), "ask the agency to correct the row and to send the file again")
		}
		key := strings.Join([]string{f.check, f.agency, f.record, f.hash}, "\x00")
		if seen[key] {
			continue
		}
		seen[key] = true
		entries = append(entries, ledger.Entry{Kind: kind, Who: w.Who, At: w.Now(), Why: c.Why, Ends: c.Undo,
			Fields: map[string]string{"check_id": f.check, "agency": f.agency, "record": f.record, "value_hash": f.hash}})
	}
	return entries, nil
}

// scanAll hands each row of a query to a function.
func scanAll(ctx context.Context, db *warehouse.DB, query string, each func(*sql.Rows) error, args ...any) error {
	rows, err := db.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
