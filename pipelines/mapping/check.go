package mapping

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"tributary/pipelines/config"
	"tributary/pipelines/warehouse"
	"tributary/sql"
)

// Check is one entry of the published catalogue: what is looked at, how grave it is, what to do.
type Check struct {
	ID       string `yaml:"check"`
	Class    string `yaml:"class"`
	Severity string `yaml:"severity"`
	Name     string `yaml:"name"`
	NameFR   string `yaml:"name_fr"`
	Fix      string `yaml:"fix"`
	FixFR    string `yaml:"fix_fr"`
	// Nulls are the columns, as table.column, that lose their value in the rows found; where one row of
	// a file makes several of the table, `when` says which: survey.score when score < 0.
	Nulls []string `yaml:"-"`
	// SQL finds the rows; empty for checks that the program raises itself.
	SQL string `yaml:"-"`
}

var (
	classes    = []string{"file", "row", "case", "section", "history"}
	severities = []string{"blocks", "sets_aside", "please_confirm", "note"}
)

// Catalogue returns all checks by id: those in SQL and those of catalogue.yaml.
func Catalogue() ([]Check, error) { return catalogue(sql.FS) }

func catalogue(files fs.FS) ([]Check, error) {
	var all []Check
	data, err := fs.ReadFile(files, "check/catalogue.yaml")
	if err != nil {
		return nil, err
	}
	if err := config.Decode("sql/check/catalogue.yaml", data, &all); err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "check/*.sql")
	if err != nil {
		return nil, err
	}
	var faults []error
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		c, err := parseCheck("sql/"+name, string(text))
		if err != nil {
			faults = append(faults, err)
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b Check) int { return strings.Compare(a.ID, b.ID) })
	for i, c := range all {
		where := "sql/check: " + c.ID
		if !slices.Contains(classes, c.Class) || !slices.Contains(severities, c.Severity) {
			faults = append(faults, fmt.Errorf("%s: class %q or severity %q is not known", where, c.Class, c.Severity))
		}
		if c.Name == "" || c.NameFR == "" || c.Fix == "" || c.FixFR == "" {
			faults = append(faults, fmt.Errorf("%s: name and fix are needed in English and French", where))
		}
		if i > 0 && all[i-1].ID == c.ID {
			faults = append(faults, fmt.Errorf("%s: stands twice", where))
		}
	}
	return all, errors.Join(faults...)
}

// parseCheck reads the header grammar: the first line is the grain, then -- word: value.
func parseCheck(name, text string) (Check, error) {
	c := Check{SQL: text}
	fields := map[string]*string{"check": &c.ID, "class": &c.Class, "severity": &c.Severity, "name": &c.Name,
		"name_fr": &c.NameFR, "fix": &c.Fix, "fix_fr": &c.FixFR}
	for i, line := range strings.Split(text, "\n") {
		comment, ok := strings.CutPrefix(line, "-- ")
		if !ok {
			break
		}
		word, value, ok := strings.Cut(comment, ": ")
		if i == 0 || !ok || strings.Contains(word, " ") {
			continue
		}
		switch field := fields[word]; {
		case field != nil:
			*field = value
		case word == "sets_null":
			c.Nulls = strings.Split(value, ", ")
		default:
			return c, config.Fault(name, i+1, guessFix(word, sortedKeys(fields)), "unknown word %q", word)
		}
	}
	if want := strings.TrimSuffix(base(name), ".sql"); c.ID != want {
		return c, config.Fault(name, 1, "write -- check: "+want, "check %q is not the file's name", c.ID)
	}
	return c, nil
}

var (
	sqlComment = regexp.MustCompile(`(?m)--.*$`)
	stageTable = regexp.MustCompile(`\b(?:from|join)\s+stage\.([a-z_]+)`)
)

// Heading is SQL for the heading, among rows h of stage.column, of the column that a finding names: one of a
// table that the check reads, the table read first before the others. A column of the same canonical name
// in another table of the sheet is not meant; where there is no heading it is null.
func (c Check) Heading() string {
	order := "case h.into_table"
	for i, m := range stageTable.FindAllStringSubmatch(sqlComment.ReplaceAllString(c.SQL, ""), -1) {
		order += fmt.Sprintf(" when '%s' then %d", m[1], i)
	}
	order += " when '' then 0 else 99 end"
	return "any_value(h.heading order by " + order + ", h.position) filter (where " + order + " < 99)"
}

// checks runs the SQL checks over what was staged. Those of class history wait for core.
func (s *stager) checks(ctx context.Context) error {
	all, err := Catalogue()
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.SQL == "" || c.Class == "history" {
			continue
		}
		if err := s.check(ctx, c); err != nil {
			return fmt.Errorf("sql/check/%s.sql: %w", c.ID, err)
		}
	}
	return nil
}

func (s *stager) check(ctx context.Context, c Check) error {
	if err := s.exec(ctx, "create or replace table found as (\n"+c.SQL+"\n)"); err != nil {
		return err
	}
	var n int
	if err := s.db.Scan(ctx, "select count(*) from found", nil, &n); err != nil || n == 0 {
		return err
	}
	if err := s.exec(ctx, fmt.Sprintf(`insert into raised
		select %s, %s, f.agency, f.quarter, f._address.file, f._address.version, f._address.sheet, f._address."row", f._address.path,
			coalesce(%s, f.column_name), f.detail
		from found as f
		left join stage."column" as h on h.agency = f.agency and h.quarter = f.quarter and h.file = f._address.file
			and h.version = f._address.version and h.sheet = f._address.sheet and h.column_name = f.column_name
		group by f.agency, f.quarter, f._address, f.column_name, f.detail`, warehouse.Text(c.ID), warehouse.Text(c.Severity), c.Heading())); err != nil {
		return err
	}
	for _, target := range c.Nulls {
		column, when, conditional := strings.Cut(target, " when ")
		table, column, _ := strings.Cut(column, ".")
		where := "exists (select 1 from found as f where f.agency = t.agency and f._address = t._address)"
		if conditional {
			where = when
		}
		// What is taken out is remembered: a correction is about the value that the file gave.
		if err := s.exec(ctx,
			fmt.Sprintf("insert into stage.emptied select agency, quarter, %s, %s, cast(%s as varchar), %s, _address from stage.%s as t where (%s) and %[3]s is not null",
				warehouse.Text(table), warehouse.Text(column), column, warehouse.Text(c.ID), table, where),
			fmt.Sprintf("update stage.%s as t set %s = null where %s", table, column, where)); err != nil {
			return err
		}
	}
	if c.Severity == "sets_aside" {
		return s.setAside(ctx, c)
	}
	return nil
}

// setAside takes all rows of the clients found out of the tables of that quarter.
func (s *stager) setAside(ctx context.Context, c Check) error {
	if err := s.exec(ctx, "create or replace table set_aside_key as select distinct agency, quarter, client_local_id from found"); err != nil {
		return err
	}
	plain := s.plainTables()
	for _, table := range sortedKeys(s.d.Tables) {
		if !slices.Contains(s.d.Tables[table].Columns, "client_local_id") {
			continue
		}
		lost := `count(distinct (_address."row", coalesce(_address.path, '')))`
		if slices.Contains(plain, table) {
			lost = "count(*)" // also where two tables of the mapping read the same rows
		}
		match := "from set_aside_key as k where k.agency = t.agency and k.quarter = t.quarter and k.client_local_id = t.client_local_id"
		if err := s.exec(ctx,
			fmt.Sprintf("create or replace table leaving as select t.agency, t.quarter, t._address from stage.%s as t where exists (select 1 %s)", table, match),
			fmt.Sprintf("insert into stage.set_aside select agency, quarter, %s, %s, _address from leaving order by all", warehouse.Text(table), warehouse.Text(c.ID)),
			fmt.Sprintf("delete from stage.%s as t where exists (select 1 %s)", table, match),
			// Which of several tables of the mapping a row came by is not known: what one did not take, the next one did.
			fmt.Sprintf(`update stage.section as s set taken_count = taken_count - least(taken_count, n), set_aside_count = set_aside_count + least(taken_count, n)
				from (select t.rowid as at, greatest(0, l.n - coalesce(sum(t.taken_count) over (partition by t.agency, t.quarter, t.file, t.version, t.sheet order by t.rowid rows between unbounded preceding and 1 preceding), 0)) as n
					from stage.section as t
					join (select agency, quarter, _address.file as file, _address.version as version, _address.sheet as sheet, %s as n from leaving group by all) as l
						on t.agency = l.agency and t.quarter = l.quarter and t.file = l.file and t.version = l.version and t.sheet is not distinct from l.sheet
					where t.into_table = %s) as l
				where s.rowid = l.at`, lost, warehouse.Text(table))); err != nil {
			return err
		}
	}
	return nil
}
