package pipelines

import (
	"context"
	"database/sql"

	"tributary/pipelines/warehouse"
	"tributary/reports/feedback"
)

// bridgeStep is a line of the bridge in both languages.
type bridgeStep struct {
	label, reason [2]string
	count         int64
	isTotal       bool
}

func (s bridgeStep) in(lang string) feedback.Step {
	i := 0
	if lang == "fr" {
		i = 1
	}
	return feedback.Step{Label: s.label[i], Reason: s.reason[i], Count: s.count, IsTotal: s.isTotal}
}

// bridgeRowsSQL and bridgeClientsSQL are one query; a check has no core and no measures to read.
const bridgeRowsSQL = `
with section as (
	select coalesce(sum(read_count), 0) as read, coalesce(sum(heading_count), 0) as heading, coalesce(sum(blank_count), 0) as blank,
		coalesce(sum(total_count), 0) as total, coalesce(sum(skipped_count), 0) as skipped, coalesce(sum(duplicate_count), 0) as twice,
		coalesce(sum(set_aside_count), 0) as aside, coalesce(sum(taken_count), 0) as taken
	from stage.section where agency = $1 and quarter = $2 and into_table = 'client' and not superseded
)`

const bridgeClientsSQL = `,
client as (select count(*) as clients, count(*) filter (is_active) as active from core.client where agency = $1 and quarter = $2),
child as (
	select count(distinct unit_id) filter (counted) as children, count(*) filter (counted) as in_scope
	from measure.children_known where agency = $1 and quarter = $2
)`

const bridgeNoClientsSQL = `, client as (select 0 as clients, 0 as active), child as (select 0 as children, 0 as in_scope)`

const bridgeSumSQL = `
select cast(read as bigint), cast(heading as bigint), cast(blank as bigint), cast(total as bigint), cast(skipped as bigint), cast(twice as bigint),
	cast(aside as bigint), cast(taken as bigint), clients, active, in_scope, children
from section, client, child`

// bridgeOf leads from the rows of clients that an agency sent to the children counted of it, each step with
// its reason; nothing where neither rows nor clients are there. isTrial ends it with the rows taken.
func bridgeOf(ctx context.Context, db *warehouse.DB, key []any, isTrial bool) ([]bridgeStep, error) {
	query := bridgeRowsSQL + bridgeClientsSQL + bridgeSumSQL
	if isTrial {
		query = bridgeRowsSQL + bridgeNoClientsSQL + bridgeSumSQL
	}
	var read, heading, blank, total, skipped, twice, aside, taken, clients, active, inScope, children int64
	if err := db.Scan(ctx, query, key, &read, &heading, &blank, &total, &skipped, &twice, &aside, &taken, &clients, &active, &inScope, &children); err != nil {
		return nil, err
	}
	if read == 0 && clients == 0 {
		return nil, nil
	}
	var out []bridgeStep
	stands := func(en, fr string, n int64) {
		out = append(out, bridgeStep{label: [2]string{en, fr}, count: n, isTotal: true})
	}
	less := func(en, fr, why, pourquoi string, n int64) {
		if n != 0 {
			out = append(out, bridgeStep{label: [2]string{en, fr}, reason: [2]string{why, pourquoi}, count: n})
		}
	}
	stands("Rows", "Lignes", read)
	less("Headings", "En-têtes", "Headings and what stands above them", "En-têtes et ce qui les précède", -heading)
	less("Blank rows", "Lignes vides", "Nothing stands in them", "Rien n'y figure", -blank)
	less("Totals", "Totaux", "A total is not a client", "Un total n'est pas un client", -total)
	less("Rows about something else", "Lignes sur autre chose", "Rows of the file that are not about clients", "Lignes du fichier qui ne portent pas sur des clients", -skipped)
	less("Exact duplicates", "Doublons exacts", "The same row again; used once", "La même ligne de nouveau; utilisée une fois", -twice)
	less("Set aside", "Mises de côté", "Each is listed under To fix or confirm", "Chacune est énumérée sous À corriger ou confirmer", -aside)
	stands("Rows taken", "Lignes retenues", taken)
	if isTrial {
		return out, nil
	}
	if clients > taken {
		less("Known from earlier files", "Connus par des fichiers antérieurs", "Sent before and not ended since", "Envoyés auparavant et non terminés depuis", clients-taken)
	} else {
		less("The same client again", "Le même client de nouveau", "In another row or monthly file; the newest counts", "Dans une autre ligne ou un autre fichier mensuel; le plus récent compte", clients-taken)
	}
	stands("Clients", "Clients", clients)
	less("Not open in the quarter", "Non ouverts durant le trimestre", "By their opening and closing dates", "Selon leurs dates d'ouverture et de fermeture", active-clients)
	stands("Active clients", "Clients actifs", active)
	if err := scanAll(ctx, db, `select coalesce(r.label, m.left_out_by, 'other rule'), coalesce(r.label_fr, m.left_out_by, 'autre règle'), count(*)
		from measure.children_known as m left join measure.rule as r on r.measure = 'children_known' and r.code = m.left_out_by
		where m.agency = ? and m.quarter = ? and not m.counted group by all order by all`,
		func(rows *sql.Rows) error {
			var en, fr string
			var n int64
			err := rows.Scan(&en, &fr, &n)
			less("Left out by a rule", "Exclus par une règle", en, fr, -n)
			return err
		}, key...); err != nil {
		return nil, err
	}
	stands("Clients in scope", "Clients visés", inScope)
	less("The same child under another number", "Le même enfant sous un autre numéro", "Two of your clients are one child", "Deux de vos clients sont un même enfant", children-inScope)
	stands("Children counted", "Enfants comptés", children)
	return out, nil
}
