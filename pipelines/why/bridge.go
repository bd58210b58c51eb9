package why

import (
	"context"
	"fmt"

	"tributary/pipelines/warehouse"
)

// bridgeSQL counts an agency's rows of clients on their way from the file to the children counted.
const bridgeSQL = `
with section as (
    select coalesce(sum(read_count), 0) as read, coalesce(sum(heading_count + blank_count + total_count + skipped_count), 0) as no_data,
        coalesce(sum(duplicate_count), 0) as twice, coalesce(sum(set_aside_count), 0) as aside, coalesce(sum(taken_count), 0) as taken
    from stage.section
    where agency = $1 and quarter = $2 and into_table = 'client' and not superseded
),
client as (
    select count(*) as clients, count(*) filter (is_active) as active
    from core.client
    where agency = $1 and quarter = $2
)
select read, no_data, twice, aside, taken, clients, active from section, client`

var bridgeLabels = map[string][]string{
	"en": {"Rows read", "Headings, blank rows, totals", "Exact duplicates", "Set aside, each with a finding", "Rows taken",
		"The same client in another row or monthly file", "Clients known from earlier files", "Clients", "Not open in the quarter", "Clients open in the quarter",
		"Not asked about by this measure", "The same child under another number", "Children counted"},
	"fr": {"Lignes lues", "En-têtes, lignes vides, totaux", "Doublons exacts", "Mises de côté, chacune avec un constat", "Lignes retenues",
		"Le même client dans une autre ligne ou un autre fichier mensuel", "Clients connus par des fichiers antérieurs", "Clients", "Dossier non ouvert durant le trimestre",
		"Clients au dossier ouvert durant le trimestre", "Non visés par cette mesure", "Le même enfant sous un autre numéro", "Enfants comptés"},
}

// bridge leads from the rows that an agency sent to the children that are counted of it: how 1,296 rows
// became 1,201 children.
func bridge(ctx context.Context, db *warehouse.DB, id CellID, counted int, lang string) ([]Step, error) {
	var read, noData, twice, aside, taken, clients, active int
	err := db.Scan(ctx, bridgeSQL, []any{id.Value, id.Quarter.String()}, &read, &noData, &twice, &aside, &taken, &clients, &active)
	if err != nil {
		return nil, fmt.Errorf("bridge of %s: %w", id, err)
	}
	label := bridgeLabels[lang]
	if label == nil {
		label = bridgeLabels["en"]
	}
	steps := []Step{{Label: label[0], Units: read}}
	less := func(what string, n int) {
		if n != 0 {
			steps = append(steps, Step{Label: what, Units: n})
		}
	}
	less(label[1], -noData)
	less(label[2], -twice)
	less(label[3], -aside)
	steps = append(steps, Step{Label: label[4], Units: taken})
	if clients > taken {
		less(label[6], clients-taken)
	} else {
		less(label[5], clients-taken)
	}
	steps = append(steps, Step{Label: label[7], Units: clients})
	less(label[8], active-clients)
	steps = append(steps, Step{Label: label[9], Units: active})
	asked, inScope, err := inScope(ctx, db, id, lang, less)
	if err != nil {
		return nil, err
	}
	less(label[10], asked-active)
	less(label[11], counted-inScope)
	return append(steps, Step{Label: label[12], Units: counted}), nil
}

// inScope counts the rows of the cell's candidates, and those of them that no rule leaves out; each rule is told to less.
func inScope(ctx context.Context, db *warehouse.DB, id CellID, lang string, less func(string, int)) (asked, left int, err error) {
	from, err := considered(ctx, db, id)
	if err != nil {
		return 0, 0, err
	}
	column := "label"
	if lang == "fr" {
		column = "label_fr"
	}
	err = db.Rows(ctx, `select counted, coalesce(r.`+column+`, m.left_out_by, ''), count(*)
		from (select counted, case when not counted then left_out_by end as left_out_by from `+from+`) as m
		left join measure.rule as r on r.measure = ? and r.code = m.left_out_by
		group by all order by all`, []any{id.Measure}, func(scan func(...any) error) error {
		var isCounted bool
		var rule string
		var n int
		if err := scan(&isCounted, &rule, &n); err != nil {
			return err
		}
		asked += n
		if isCounted {
			left += n
		} else {
			less(rule, -n)
		}
		return nil
	})
	return asked, left, err
}
