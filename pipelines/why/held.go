package why

import (
	"context"
	"fmt"
	"strings"

	"tributary"
	"tributary/pipelines/warehouse"
)

// HeldRow is one row of a provider's file that is about the child, as it was read.
type HeldRow struct {
	Table   string            `json:"table"`
	Address tributary.Address `json:"address"`
	// Values are by canonical column; empty ones are left out.
	Values map[string]string `json:"values"`
	Order  []string          `json:"-"`
}

// Consent is what is on record of an agency's consent for the child, and what its agreement makes of one without.
type Consent struct {
	Agency string `json:"agency"`
	Client string `json:"client"`
	Rule   string `json:"rule"`
	Stands bool   `json:"stands"`
}

// Held is all that is held of one child.
type Held struct {
	ID      string    `json:"id"`
	Records []Record  `json:"records"`
	Consent []Consent `json:"consent"`
	Rows    []HeldRow `json:"rows"`
	// Withheld is how many other records are not shown, because an agreement does not allow it.
	Withheld int `json:"withheld"`
}

// OfHeld reads every row about a child that any file holds, older files too. Of a child asked for by one agency's
// number the rows of other agencies are shown where both have consent; of one asked for by its id those of all that
// have it, else none. Asking is a look at a person: the caller audits it.
func OfHeld(ctx context.Context, db *warehouse.DB, who string) (Held, error) {
	var c Child
	c.ID = who
	if err := c.find(ctx, db); err != nil {
		return Held{}, err
	}
	h := Held{ID: c.ID, Records: []Record{}, Consent: []Consent{}, Rows: []HeldRow{}}
	shown, consents, withheld, err := shownOf(ctx, db, who, c.Records)
	if err != nil {
		return h, err
	}
	h.Records, h.Consent, h.Withheld = append(h.Records, shown...), append(h.Consent, consents...), withheld
	return h, h.rows(ctx, db)
}

// shownOf are those of a child's records that may be shown to whoever asked by who, each with its consent, and how many
// there are besides.
func shownOf(ctx context.Context, db *warehouse.DB, who string, records []Record) (shown []Record, consents []Consent, withheld int, err error) {
	has := map[Record]bool{}
	all := make([]Consent, len(records))
	for i, r := range records {
		k := &all[i]
		err := db.Scan(ctx, `select a.linking_rule, coalesce((select has_consent from link.client_consent where agency = a.agency and client_local_id = ? order by quarter desc limit 1), false)
			from stage.agency as a where a.agency = ?`, []any{r.Client, r.Agency}, &k.Rule, &k.Stands)
		if err != nil {
			return nil, nil, 0, err
		}
		k.Agency, k.Client = r.Agency, r.Client
		has[r] = k.Stands
	}
	agency, client, isNumber := strings.Cut(who, ":")
	asked := Record{Agency: agency, Client: client}
	for i, r := range records {
		if isNumber && r == asked || has[r] && (!isNumber || has[asked]) || len(records) == 1 {
			shown, consents = append(shown, r), append(consents, all[i])
		} else {
			withheld++
		}
	}
	return shown, consents, withheld, nil
}

func (h *Held) rows(ctx context.Context, db *warehouse.DB) error {
	tables, err := names(ctx, db, `select distinct table_name from duckdb_columns() where database_name = 'stage'
		and column_name = 'client_local_id' and table_name in (
			select table_name from duckdb_columns() where database_name = 'stage' and column_name = 'is_superseded') order by 1`)
	if err != nil {
		return err
	}
	for _, r := range h.Records {
		for _, t := range tables {
			if err := h.table(ctx, db, t, r); err != nil {
				return fmt.Errorf("stage.%s: %w", t, err)
			}
		}
	}
	return nil
}

func (h *Held) table(ctx context.Context, db *warehouse.DB, table string, r Record) error {
	columns, err := names(ctx, db, "select column_name from duckdb_columns() where database_name = 'stage' and table_name = "+warehouse.Text(table)+
		" and column_name not in ('agency', 'quarter', 'client_local_id', '_address', 'file_kind') order by column_index")
	if err != nil {
		return err
	}
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = `coalesce("` + c + `"::varchar, '')`
	}
	return db.Rows(ctx, fmt.Sprintf(`select coalesce(_address.quarter, ''), coalesce(_address.file, ''), coalesce(_address.version, 0), coalesce(_address.sheet, ''),
		coalesce(_address."row", 0), coalesce(_address.path, ''), %s from stage."%s" where agency = ? and client_local_id = ? order by all`, strings.Join(list, ", "), table), []any{r.Agency, r.Client}, func(scan func(...any) error) error {
		row := HeldRow{Table: table, Values: map[string]string{}, Address: tributary.Address{Agency: r.Agency}}
		values := make([]string, len(columns))
		var quarter string
		into := []any{&quarter, &row.Address.File, &row.Address.Version, &row.Address.Sheet, &row.Address.Row, &row.Address.Path}
		for i := range values {
			into = append(into, &values[i])
		}
		if err := scan(into...); err != nil {
			return err
		}
		var err error
		row.Address.Quarter, err = tributary.ParseQuarter(quarter)
		for i, v := range values {
			if v != "" {
				row.Values[columns[i]] = v
				row.Order = append(row.Order, columns[i])
			}
		}
		h.Rows = append(h.Rows, row)
		return err
	})
}
