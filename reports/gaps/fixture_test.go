package gaps_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"tributary"
	"tributary/pipelines/warehouse"
)

// fixture is a release of an invented area: 12 municipalities, 9 agencies, 6 services, 16 quarters. Speech-language
// is short in Northmoor beyond chance; agency E09 sends nothing in the last quarter and nobody else tells of Elm's
// vision; Islet has few children.
func fixture(t testing.TB) *warehouse.DB {
	t.Helper()
	db, err := made()
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// made makes the release once; the reports only read it.
var made = sync.OnceValues(func() (*warehouse.DB, error) { return making(fixtureSQL) })

// madeEmpty is the release with a quarter, 2025-26Q2, of which nobody sent anything.
var madeEmpty = sync.OnceValues(func() (*warehouse.DB, error) { return making(slices.Concat(fixtureSQL, emptySQL)) })

// madePublic is what the public sees of that: nothing by group, Islet hidden, one agency alone for vision.
var madePublic = sync.OnceValues(func() (*warehouse.DB, error) { return making(slices.Concat(fixtureSQL, emptySQL, publicSQL)) })

func making(statements []string) (*warehouse.DB, error) {
	db, err := warehouse.Memory(context.Background())
	if err != nil {
		return nil, err
	}
	for _, s := range statements {
		if err := db.Exec(context.Background(), s); err != nil {
			return nil, fmt.Errorf("%w\n%s", err, s)
		}
	}
	return db, nil
}

var publicSQL = []string{
	"insert into release.setting values ('generated_for', 'public')",
	"delete from release.figure where cut <> ''",
	"delete from release.coverage",
	"update release.figure set method = 'hidden', value = null, low = null, high = null, unit_count = 0 where municipality = 'Islet' and measure like 'need_%'",
	"delete from release.figure where municipality = 'Islet' and measure = 'need_unmet'",
	"update release.figure set reported_count = 1, expected_count = 1, line_broken = quarter in ('2025-26Q2', '2025-26Q3') where quarter <> '2025-26Q2' and service = 'vision'",
	// The release hides a count of which nobody told.
	"update release.figure set method = 'hidden' where quarter = '2025-26Q2' and measure like 'need_%'",
}

// emptySQL is as the release writes such a quarter: counts without a value, shares and waits not at all.
var emptySQL = []string{
	"delete from release.figure where quarter = '2025-26Q2' and measure in ('need_unmet', 'wait_days')",
	"update release.figure set value = null, low = null, high = null, unit_count = 0, reported_count = 0 where quarter = '2025-26Q2'",
	"update release.figure set line_broken = true where quarter in ('2025-26Q2', '2025-26Q3')",
}

func quarter(t testing.TB, s string) tributary.Quarter {
	t.Helper()
	q, err := tributary.ParseQuarter(s)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

var fixtureSQL = []string{
	"attach ':memory:' as release",
	`create table release.setting as select * from (values ('agency_name', 'Lakeside & Hills <i>Centre</i>'), ('agency_name_fr', 'Centre Lac et Collines'), ('small_below', '5'), ('rate_base', ''),
		('rate_base_on', ''), ('rate_source', ''), ('first_quarter', '2022-23Q1')) as t(name, value)`,
	`create table release.agency as select 'E0' || i as agency, ['Children''s Centre', 'School Board', 'Home Care', 'Family Services', 'Autism Services', 'Respite Co-op', 'Infant Programme', 'Youth Minds', 'Clear Sight'][i] as name,
		['Centre pour enfants', 'Conseil scolaire', 'Soins à domicile', 'Services à la famille', 'Services en autisme', 'Coop de répit', 'Programme du nourrisson', 'Jeunes esprits', 'Vue claire'][i] as name_fr,
		'provider' as role, 'other' as category from range(1, 10) as r(i)`,
	`create table release.place as select 'municipality' as kind, m as code, 'Lakes' as area, m as name, '' as name_fr, p::bigint as population, date '2025-07-01' as population_on, null::bigint as children,
		null::date as children_on, 'confirmed' as status, '3510' as census_division
		from (values ('Ashby', 90), ('Birch Falls', 60), ('Cedar', 40), ('Dunmore', 30), ('Elm', 25), ('Fairview', 25), ('Grand Marsh', 20), ('Harbour', 20), ('Islet', 3), ('Juniper', 15), ('Northmoor', 50), ('Old Mill and Surrounding Townships', 12)) as t(m, p)
		union all select 'area', 'Lakes', 'Lakes', 'Lakes', 'Lacs', 300, date '2025-07-01', null, null, 'confirmed', '3510' order by 1, 2`,
	`create table release.service as select * from (values ('ot', 'Occupational therapy', 'Ergothérapie', 1), ('slp', 'Speech-language', 'Orthophonie', 2), ('autism', 'Autism services', 'Services en autisme', 3),
		('mental_health', 'Mental health', 'Santé mentale', 4), ('respite', 'Respite', 'Répit', 5), ('vision', 'Vision', 'Vision', 6)) as t(code, name, name_fr, ordinal)`,
	`create table release.cut as select * from (values ('language', 'Language', 'Langue', 'eng', 'English', 'Anglais', 1), ('language', 'Language', 'Langue', 'fra', 'French', 'Français', 2),
		('age_band', 'Age', 'Âge', '0-5', '0 to 5', '0 à 5 ans', 3), ('age_band', 'Age', 'Âge', '6-17', '6 to 17', '6 à 17 ans', 4), ('newcomer', 'Newcomer', 'Nouvel arrivant', 'yes', 'yes', 'oui', 5),
		('reason', 'Reason', 'Motif', 'full', 'Program full', 'Programme complet', 6), ('reason', 'Reason', 'Motif', 'distance', 'Too far', 'Éloignement', 7)) as t(cut, cut_label, cut_label_fr, code, name, name_fr, ordinal)`,
	`create table release.method as select * from (values ('wilson', 'Wilson interval, funnel limits widened by Benjamini and Hochberg', 'Intervalle de Wilson, limites en entonnoir élargies selon Benjamini et Hochberg'),
		('poisson_exact', 'Exact Poisson interval (Garwood)', 'Intervalle de Poisson exact (Garwood)'), ('greenwood_log_log', 'Kaplan-Meier, log-log interval', 'Kaplan-Meier, intervalle log-log'),
		('count_of_places', 'A plain count', 'Un simple compte'), ('queue_in_a_year', 'Places: the queue, served within a year', 'Places : la file, servie en un an')) as t(method, label, label_fr)`,
	`create table release.definition as select measure, statistic, kind, 'need' as unit, 'gap' as pack, label, label || ' (fr)' as label_fr, 'What ' || label || ' counts.' as definition, '' as definition_fr, 'derived (D19)' as cites,
		true as is_bad_high, row_number() over () as ordinal from (values ('need_identified', '', 'count', 'Needs identified'), ('need_received', '', 'count', 'Needs received'), ('need_waiting', '', 'count', 'Needs waiting'),
		('need_not_available', '', 'count', 'Needs not available'), ('need_unmet', 'share', 'share', 'Needs not met'), ('wait_days', 'median', 'wait', 'Days of waiting, median'), ('wait_days', 'p90', 'wait', 'Days of waiting, 90th percentile'),
		('wait_queue', '', 'count', 'Waiting at the end'), ('process_meeting', 'share', 'share', 'First meeting in time'), ('process_review', 'share', 'share', 'Reviewed in time')) as t(measure, statistic, kind, label)`,
	`create table quarter as select i, (2022 + i // 4) || '-' || (23 + i // 4) || 'Q' || (i % 4 + 1) as quarter from range(16) as r(i)`,
	`create table release.delivery as select quarter, agency, case when agency = 'E09' and i = 15 then 'expected' when agency = 'E06' and i >= 10 then 'refused' when agency = 'E07' and i = 3 then 'nil' else 'accepted' end as state,
		agency = 'E09' and i = 15 as is_late from quarter, release.agency order by all`,
	// Who should tell of what: three agencies a service, the ninth alone of vision in Elm.
	`create table serves as select q.quarter, q.i, 'Lakes' as area, p.code as municipality, s.code as service, d.agency, case when d.state = 'accepted' then 'reported' when d.state = 'nil' then 'nil' else 'missing' end as state
		from quarter as q, release.place as p, release.service as s, release.delivery as d
		where p.kind = 'municipality' and d.quarter = q.quarter and (substr(d.agency, 3)::int % 3 = s.ordinal % 3 and (p.code, s.code) <> ('Elm', 'vision') or (p.code, s.code, d.agency) = ('Elm', 'vision', 'E09'))`,
	`create table release.coverage as select quarter, area, municipality, service, agency, state, false as changed from serves order by all`,
	// Needs of each place, service and group.
	`create table need as select q.quarter, q.i, p.code as municipality, s.code as service, c.cut, c.code,
			((p.population * (7 - s.ordinal) / 4 + hash(p.code || s.code || q.i) % 6) / c.n)::int + 1 as n,
			(.30 + .05 * s.ordinal + case when p.code = 'Northmoor' and s.code = 'slp' then .32 else 0 end - case when p.code = 'Ashby' and s.code = 'ot' then .2 else 0 end + (hash(p.code || s.code || c.code || q.i) % 100) / 900.0 + q.i / 300.0) as rate
		from quarter as q, (from release.place where kind = 'municipality') as p, release.service as s,
			(select distinct cut, code, case cut when '' then 1 when 'newcomer' then 9 else 2 end as n from (select cut, code from release.cut where cut <> 'reason' union all select '', '')) as c`,
	`create table unmet as select quarter, i, municipality, service, cut, code, n, least(n, round(n * rate))::int as x from need`,
	`create table summed as
		select quarter, i, coalesce(municipality, '') as municipality, coalesce(service, '') as service, cut, code, sum(n) as n, sum(x) as x
		from unmet group by grouping sets ((quarter, i, cut, code, municipality, service), (quarter, i, cut, code, municipality), (quarter, i, cut, code, service), (quarter, i, cut, code))`,
	`create table told as select w.quarter, w.municipality, w.service, count(distinct agency) as expected, count(distinct agency) filter (where state <> 'missing') as reported
		from (select quarter, municipality, service, agency, state from serves union all select quarter, '', service, agency, state from serves union all select quarter, municipality, '', agency, state from serves union all select quarter, '', '', agency, state from serves) as w group by all`,
	`create macro figure_of(measure, quarter, municipality, service, cut, code) as measure || '@' || quarter || case when municipality <> '' then '/municipality=' || municipality else '' end || case when service <> '' then '/service=' || service else '' end || case when cut <> '' then '/' || cut || '=' || code else '' end`,
	`create table release.figure as
		with s as (select s.*, t.expected::int as expected, t.reported::int as reported, x / n as v, 1.96 as z, i in (8, 10, 15) and service in ('', 'vision', 'autism') as broken, max(case when municipality = '' then x / n end) over (partition by quarter, service, cut, code) as whole
			from summed as s join told as t using (quarter, municipality, service)),
		f as (
			select 'need_unmet' as measure, 'share' as statistic, *, case when reported = 0 then null else v end as value, (v + z*z/(2*n) - z*sqrt(v*(1-v)/n + z*z/(4*n*n))) / (1 + z*z/n) as low,
				(v + z*z/(2*n) + z*sqrt(v*(1-v)/n + z*z/(4*n*n))) / (1 + z*z/n) as high, 'wilson' as method, x as units, n as of_count from s
			union all select 'need_received', '', *, (n - x)::double, n - x - 2 * sqrt(n - x), n - x + 2 * sqrt(n - x), 'poisson_exact', n - x, null from s
			union all select 'need_identified', '', *, (n // 4)::double, n // 4 - sqrt(n), n // 4 + sqrt(n), 'poisson_exact', n // 4, null from s
			union all select 'need_waiting', '', *, (x - x // 3)::double, x - x // 3 - sqrt(x), x + sqrt(x), 'poisson_exact', x - x // 3, null from s
			union all select 'need_not_available', '', *, (x // 3)::double, x // 3 - sqrt(x), x // 3 + sqrt(x), 'poisson_exact', x // 3, null from s
			union all select 'wait_days', 'median', *, case when reported = 0 or n < 4 then null else round(60 + 500 * v * v + hash(service || municipality) % 40) end, round((60 + 500 * v * v) * (1 - 1 / sqrt(n))), case when n < 8 then null else round((100 + 500 * v * v) * (1 + 1 / sqrt(n))) end, 'greenwood_log_log', x, n from s
			union all select 'wait_days', 'p90', *, case when n < 30 then null else round(200 + 900 * v * v) end, null, null, 'greenwood_log_log', x, n from s
			union all select 'wait_queue', '', *, x::double, x - sqrt(x), x + sqrt(x), 'poisson_exact', x, null from s
			union all select 'wait_joined', '', *, (n // 5)::double, null, null, 'poisson_exact', n // 5, null from s
			union all select 'wait_left', '', *, (n // 7)::double, null, null, 'poisson_exact', n // 7, null from s
			union all select 'supply_agencies', '', *, reported::double, null, null, 'count_of_places', reported, null from s where cut = ''
			union all select 'supply_places', '', *, (n // 3)::double, null, null, 'count_of_places', n // 3, null from s where cut = ''
			union all select 'supply_away', 'share', *, v / 2, v / 3, v, 'wilson', x // 2, n from s where cut = ''
			union all select 'process_meeting', 'share', *, 1 - v, .5 - v / 3, 1 - v / 2, 'wilson', n - x, n from s where cut = '' and service = ''
			union all select 'process_review', 'share', *, 1 - v / 2, .5 - v / 3, 1 - v / 4, 'wilson', n - x, n from s where cut = '' and service = ''
			union all select 'need_refused', '', * replace ('reason' as cut, 'full' as code), (x // 3)::double, null, null, 'poisson_exact', x // 3, null from s where cut = '' and municipality = '' and service = '')
		select figure_of(measure || case when statistic <> '' then '.' || statistic else '' end, quarter, municipality, service, cut, code) as figure_id, measure, statistic, quarter,
			case when municipality = '' then '' else 'Lakes' end as area, municipality, service, cut, code, value, low, high, method, units::bigint as unit_count, of_count::bigint as of_count,
			reported as reported_count, expected as expected_count, units < 5 as is_small, broken as line_broken,
			case when statistic <> 'share' or municipality = '' or value is null then '' when low > whole + .02 then 'high' when high < whole - .02 then 'low' else 'inside' end as funnel,
			(case when statistic = 'share' and municipality <> '' then rank() over w else 0 end)::int as rank,
			(case when statistic = 'share' and municipality <> '' then greatest(1, rank() over w - 2) else 0 end)::int as rank_low,
			(case when statistic = 'share' and municipality <> '' then rank() over w + 2 else 0 end)::int as rank_high
		from f window w as (partition by measure, statistic, quarter, service, cut, code, municipality = '' order by value desc)
		order by figure_id`,
	`create table release.path as select * from (values ('2025-26Q4', 'in', 'school_board', 'supported', 'accepted', 41::bigint, false), ('2025-26Q4', 'in', 'physician', 'information_only', '', 3, true),
		('2025-26Q4', 'out', 'child_welfare', 'supported', 'declined', 7, false)) as t(quarter, direction, partner_category, kind, outcome, unit_count, is_small)`,
	`create table release.partner as select * from (values ('2025-26Q4', 'csp', 'school_board', 'School board', 'Conseil scolaire', true, true, 'E02'), ('2025-26Q4', 'csp', 'child_welfare', 'Child welfare', 'Protection de l''enfance', false, false, ''))
		as t(quarter, programme, partner_category, name, name_fr, has_agreement, has_data, agencies)`,
	`create table release.closing as select quarter, 'Lakes' as area, municipality, service, (x - x // 3)::bigint as waiting, (x // 3)::bigint as not_available, ceil(x / 4) as places, null::double as hours, 'queue_in_a_year' as method, x < 5 as is_small
		from summed where cut = '' and municipality <> '' and service <> '' order by all`,
}
