-- The release of gaps: figures and what they rest on; no row of it is a child's. What stands in memory is
-- dropped with the connection. Margins are the empty text, so that a figure's place is never NULL.
-- Who should have told of a service in a place: who owes a delivery, ever told of the service, and ever knew a child there.
create table memory.known as
select distinct c.agency, d.area, d.municipality
from gap.client as c
join gap.child as d on d.child_id = c.child_id and d.quarter = c.quarter
where c.is_counted;
create table memory.tells as
select distinct agency, coalesce(service_type, 'unknown') as service from gap.need
union
select distinct agency, service_type from gap.ask
union
select distinct agency, service_type from gap.served;
create table memory.told as
select
    d.agency, d.quarter,
    case when d.is_delivered then 'reported' when d.is_nil then 'nil' else 'missing' end as state
from core.delivery_quarter as d
join stage.agency as a on a.agency = d.agency
where a.agency <> 'REGISTER' and d.state is distinct from 'excused' and d.state is distinct from 'not_due';
create table memory.coverage as
with here as (
    select distinct t.quarter, k.area, k.municipality, s.service, t.agency, t.state
    from memory.told as t
    join memory.known as k on k.agency = t.agency
    join (select agency, service from memory.tells union select agency, '' from memory.tells) as s on s.agency = t.agency
),
levels as (
    select quarter, area, municipality, service, agency, state from here
    union
    select quarter, area, '', service, agency, state from here
    union
    select quarter, '', '', service, agency, state from here
)
select
    *,
    coalesce((state = 'missing') <> (lag(state) over (
        partition by area, municipality, service, agency order by quarter) = 'missing'), false) as changed
from levels;
create table release.coverage as
select * from memory.coverage where not exists (select 1 from memory.audience) order by all;
-- The engine groups and joins by the number of a word several times as fast as by its letters.
create type memory.word as enum (
    select word
    from (
        select distinct unnest([area, municipality, service_type, reason]) as word from gap.candidate
        union
        select distinct unnest([age_band, home_language, francophone_code, indigenous_code, newcomer_code]) from gap.child
        union
        select distinct unnest([quarter, area, municipality, service]) from memory.coverage
        union
        select unnest([area, code]) from release.place
        union
        select unnest([measure, kind]) from gap.definition
        union
        select quarter from core.quarter
        union
        select unnest(['', 'unknown', 'age_band', 'language', 'francophone', 'indigenous', 'newcomer', 'reason'])
    )
    where word is not null
    order by word
);
create table memory.flat as
select
    cast(c.measure as memory.word) as measure, cast(c.kind as memory.word) as kind, cast(c.quarter as memory.word) as quarter,
    cast(c.area as memory.word) as area, cast(c.municipality as memory.word) as municipality, cast(c.service_type as memory.word) as service,
    cast(c.reason as memory.word) as reason, c.value, c.is_started, c.entered_days, c.child_id is not null as is_child,
    cast(coalesce(d.age_band, 'unknown') as memory.word) as age_band, cast(coalesce(d.home_language, 'unknown') as memory.word) as home_language,
    cast(coalesce(d.francophone_code, 'unknown') as memory.word) as francophone, cast(coalesce(d.indigenous_code, 'unknown') as memory.word) as indigenous,
    cast(coalesce(d.newcomer_code, 'unknown') as memory.word) as newcomer
from gap.candidate as c
left join gap.child as d on d.child_id = c.child_id and d.quarter = c.quarter
where c.unit <> 'agency';
create table memory.finest as
with alike as (
    select measure, kind, quarter, area, municipality, service, reason, is_child, age_band, home_language, francophone, indigenous, newcomer,
        count(*) as n, sum(cast(value as decimal(18, 4))) as total
    from memory.flat
    where kind <> 'wait'
    group by all
)
select measure, kind, quarter, area, municipality, service, cast(cut as memory.word) as cut, cast(code as memory.word) as code,
    cast(sum(n) as bigint) as n, sum(total) as total
from (
    select measure, kind, quarter, area, municipality, service, '' as cut, '' as code, n, total
    from alike
    union all
    select measure, kind, quarter, area, municipality, service, 'reason', reason, n, total
    from alike
    where measure = 'need_refused'
    union all
    select measure, kind, quarter, area, municipality, service, unnest(['age_band', 'language', 'francophone', 'indigenous', 'newcomer']),
        unnest([age_band, home_language, francophone, indigenous, newcomer]), n, total
    from alike
    where measure <> 'need_refused' and is_child
)
group by all;
create table memory.rolled as
select * from (
    select
        measure, kind, quarter, cast(coalesce(area, '') as memory.word) as area, cast(coalesce(municipality, '') as memory.word) as municipality,
        cast(coalesce(service, '') as memory.word) as service, cut, code, cast(sum(n) as bigint) as n, cast(sum(total) as double) as total, grouping(service) as is_whole
    from memory.finest
    group by grouping sets (
        (measure, kind, quarter, cut, code), (measure, kind, quarter, cut, code, service),
        (measure, kind, quarter, cut, code, area), (measure, kind, quarter, cut, code, area, service),
        (measure, kind, quarter, cut, code, area, municipality), (measure, kind, quarter, cut, code, area, municipality, service)
    )
    union all
    select measure, kind, quarter, coalesce(area, ''), coalesce(municipality, ''), coalesce(service_type, ''), '', '', count(distinct unit_id), null,
        grouping(service_type)
    from gap.candidate
    where unit = 'agency'
    group by grouping sets (
        (measure, kind, quarter), (measure, kind, quarter, service_type), (measure, kind, quarter, area), (measure, kind, quarter, area, service_type),
        (measure, kind, quarter, area, municipality), (measure, kind, quarter, area, municipality, service_type)
    )
)
-- What is of no service, as meetings, has its whole alone.
where is_whole = 1 or service <> '';
create table memory.covered as
select
    cast(quarter as memory.word) as quarter, cast(area as memory.word) as area, cast(municipality as memory.word) as municipality,
    cast(service as memory.word) as service,
    cast(count(*) filter (state <> 'missing') as integer) as reported,
    cast(count(*) as integer) as expected,
    bool_or(changed) as broken
from memory.coverage
group by all;
-- How many live in a place, where a source tells; the whole is the sum of its areas, if all are known.
create table memory.people as
with base as (
    select kind, area, if(kind = 'municipality', code, '') as municipality,
        case (select value from release.setting where name = 'rate_base') when 'children' then children when 'population' then population end as people
    from release.place
)
select area, municipality, people from base where people > 0
union all
select '', '', sum(people) from base where kind = 'area' having count(*) = count(people) and sum(people) > 0;
-- A count of a place is zero where somebody told of it, and unknown where nobody did.
create table memory.count as
with measure as (
    select cast(measure as memory.word) as measure, unit from gap.definition where kind = 'count'
),
-- Who stopped waiting is not known of the first quarter.
grid as (
    select m.measure, c.quarter, c.area, c.municipality, c.service, cast('' as memory.word) as cut, cast('' as memory.word) as code,
        if(c.reported > 0 and (m.measure <> 'wait_left' or c.quarter > (select cast(min(quarter) as memory.word) from core.quarter)), 0, null) as k
    from memory.covered as c
    cross join measure as m
),
counted as (
    select measure, quarter, area, municipality, service, cut, code, n from memory.rolled where kind = 'count'
)
select measure, m.unit, quarter, area, municipality, service, cut, code, coalesce(r.n, g.k) as k
from grid as g
full join counted as r using (measure, quarter, area, municipality, service, cut, code)
join measure as m using (measure);
-- Waits, one row a day on which somebody came under observation, left it or was served. Cuts are not crossed with
-- municipalities here: a median of a handful says nothing. Groups have a number, by which the engine sorts quickly.
create table memory.moment as
with seen as (
    select quarter, area, municipality, service, age_band, home_language, francophone, indigenous, newcomer, is_child,
        unnest([cast(value as integer), cast(entered_days as integer)]) as day, unnest([1, 0]) as gone, unnest([cast(is_started as integer), 0]) as served,
        unnest([0, 1]) as come
    from memory.flat
    where kind = 'wait'
),
cut as (
    select quarter, area, service, unnest(['age_band', 'language', 'francophone', 'indigenous', 'newcomer']) as cut,
        unnest([age_band, home_language, francophone, indigenous, newcomer]) as code, day, gone, served, come
    from seen
    where is_child
)
select quarter, area, municipality, service, cast('' as memory.word) as cut, cast('' as memory.word) as code, day,
    sum(gone) as gone, sum(served) as served, sum(come) as come
from seen
group by all
union all
select quarter, area, cast('' as memory.word), service, cast(cut as memory.word), code, day, sum(gone), sum(served), sum(come)
from cut
group by all;
create table memory.marked as
select quarter, cast(coalesce(area, '') as memory.word) as area, cast(coalesce(municipality, '') as memory.word) as municipality,
    cast(coalesce(service, '') as memory.word) as service, cut, code, day,
    cast(sum(gone) as bigint) as gone, cast(sum(served) as bigint) as served, cast(sum(come) as bigint) as come
from memory.moment
where cut = ''
group by grouping sets (
    (quarter, cut, code, day), (quarter, cut, code, day, service), (quarter, cut, code, day, area), (quarter, cut, code, day, area, service),
    (quarter, cut, code, day, area, municipality), (quarter, cut, code, day, area, municipality, service)
)
union all
select quarter, cast(coalesce(area, '') as memory.word), cast('' as memory.word), cast(coalesce(service, '') as memory.word), cut, code, day,
    cast(sum(gone) as bigint), cast(sum(served) as bigint), cast(sum(come) as bigint)
from memory.moment
where cut <> ''
group by grouping sets ((quarter, cut, code, day), (quarter, cut, code, day, service), (quarter, cut, code, day, area), (quarter, cut, code, day, area, service));
create table memory.party as
select row_number() over (order by quarter, area, municipality, service, cut, code) as party, *
from (
    select quarter, area, municipality, service, cut, code, cast(sum(come) as bigint) as waits, cast(sum(served) as bigint) as served
    from memory.marked
    group by all
);
create table memory.mark as
select p.party, m.day, m.gone, m.served, m.come
from memory.marked as m
join memory.party as p using (quarter, area, municipality, service, cut, code);
-- Kaplan and Meier: at risk on a day is who came before it and did not go before it. Sums are of decimals, so that
-- no order of rows shows. Limits are Greenwood's on the scale log(-log), a median's those of Brookmeyer and Crowley.
create table memory.wait as
with risk as (
    select party, day, served as d,
        sum(come - gone) over (partition by party order by day rows between unbounded preceding and 1 preceding) as n
    from memory.mark
),
summed as (
    select party, day,
        bool_or(d >= n) over so_far as is_over,
        cast(sum(cast(if(d >= n, 0, ln(1 - d / n)) as decimal(28, 15))) over so_far as double) as log_s,
        cast(sum(cast(if(d >= n, 0, d / (n * (n - d))) as decimal(28, 15))) over so_far as double) as v
    from risk
    where d > 0
    window so_far as (partition by party order by day)
),
curve as (
    select party, day,
        if(is_over, 0, exp(log_s)) as s,
        if(is_over, 0, exp(log_s * exp(1.959963984540054 * sqrt(v) / -log_s))) as s_low,
        if(is_over, null, exp(log_s * exp(-1.959963984540054 * sqrt(v) / -log_s))) as s_high
    from summed
),
found as (
    select party, p.statistic,
        min(day) filter (s <= p.level + 1e-9) as value, min(day) filter (s_low <= p.level + 1e-9) as low, min(day) filter (s_high <= p.level + 1e-9) as high
    from curve
    cross join (values ('median', 0.5), ('p90', 0.1)) as p (statistic, level)
    group by party, p.statistic
)
-- Where nobody was served yet there is a figure too: it is not reached.
select p.quarter, p.area, p.municipality, p.service, p.cut, p.code, s.statistic, p.waits, p.served, f.value, f.low, f.high
from memory.party as p
cross join (values ('median'), ('p90')) as s (statistic)
left join found as f on f.party = p.party and f.statistic = s.statistic;
create table memory.figure as
select measure, '' as statistic, quarter, area, municipality, service, cut, code, cast(c.k as double) as value,
    if(unit = 'agency', null, p.low) as low, if(unit = 'agency', null, p.high) as high, if(unit = 'agency', 'count_of_places', 'poisson_exact') as method, c.k as unit_count, cast(null as bigint) as of_count, unit <> 'agency' and c.k > 0 and c.k < s.least as is_small
from memory.count as c
left join memory.poisson as p on p.k = c.k
cross join (select cast(value as integer) as least from release.setting where name = 'small_below') as s
union all
select measure, 'rate', quarter, area, municipality, service, cut, code, 1000.0 * c.k / d.people, 1000.0 * p.low / d.people, 1000.0 * p.high / d.people,
    'poisson_exact', c.k, d.people, c.k > 0 and c.k < s.least
from memory.count as c
join memory.people as d using (area, municipality)
left join memory.poisson as p on p.k = c.k
cross join (select cast(value as integer) as least from release.setting where name = 'small_below') as s
where measure in ('need_identified', 'need_received', 'need_waiting', 'need_not_available') and cut = ''
union all
select measure, '', quarter, area, municipality, service, cut, code, total, null, null, 'count_of_places', cast(total as bigint), null, false
from memory.rolled
where kind = 'sum'
union all
select measure, 'share', quarter, area, municipality, service, cut, code, total / n,
    greatest(0, (total + z * z / 2 - z * sqrt(total * (n - total) / n + z * z / 4)) / (n + z * z)),
    least(1, (total + z * z / 2 + z * sqrt(total * (n - total) / n + z * z / 4)) / (n + z * z)),
    'wilson', cast(total as bigint), n, n < s.least or total > 0 and total < s.least
from memory.rolled
cross join (select 1.959963984540054 as z) as level
cross join (select cast(value as integer) as least from release.setting where name = 'small_below') as s
where kind = 'share' and n > 0
union all
select 'wait_days', statistic, quarter, area, municipality, service, cut, code, value, low, high, 'greenwood_log_log', waits, served, waits < s.least
from memory.wait
cross join (select cast(value as integer) as least from release.setting where name = 'small_below') as s;
-- What the audience sees: the Coordinating Agency all, a wider one the needs that disclosure shows, by its margins and
-- without cuts, and a median with the limits of its interval where four times as many waits ended as make a count small: then
-- no limit is the wait of one of the first few. That a hidden count is there must not tell that it is above zero, so it has
-- a row only where its zero would have one. Funnels and ranks below are worked out from what is seen alone.
create table memory.seen as
with placed as (
    select f.*, a.least, s.id is not null or f.unit_count = 0 as is_shown, coalesce(c.expected, 0) > 0 as is_covered,
        '@' || f.quarter || if(f.area = '', '', '/area=' || f.area) || if(f.municipality = '', '', '/municipality=' || f.municipality)
            || if(f.service = '', '', '/service=' || f.service) as rest
    from memory.figure as f
    cross join memory.audience as a
    left join memory.covered as c on c.quarter = f.quarter and c.area = f.area and c.municipality = f.municipality and c.service = f.service
    left join memory.shown as s
        on s.id = f.measure || '@' || f.quarter || if(f.area = '', '', '/area=' || f.area)
            || if(f.municipality = '', '', '/municipality=' || f.municipality) || if(f.service = '', '', '/service=' || f.service)
    where f.cut = '' and list_contains(a.quarters, f.quarter)
        and list_contains(a.margins, case when f.municipality <> '' then 'municipality' when f.area <> '' then 'area' else 'total' end)
)
select * from memory.figure where not exists (select 1 from memory.audience)
union all
select measure, statistic, quarter, area, municipality, service, cut, code, if(is_shown, value, null), if(is_shown, low, null), if(is_shown, high, null),
    if(is_shown, method, 'hidden'), if(is_shown, unit_count, 0), of_count, false
from placed
where measure in ('need_identified', 'need_received', 'need_waiting', 'need_not_available') and (is_shown or is_covered)
union all
select measure, statistic, quarter, area, municipality, service, cut, code, value, low, high, method, unit_count, of_count, false
from placed
where measure = 'need_unmet' and measure || '.n' || rest in (select id from memory.shown)
    and (unit_count = 0 or measure || '.met' || rest in (select id from memory.shown))
union all
select measure, statistic, quarter, area, municipality, service, cut, code, value, low, high, method, 0, null, false
from placed
where measure = 'wait_days' and statistic = 'median' and of_count >= 4 * least
union all
select measure, statistic, quarter, area, municipality, service, cut, code, value, low, high, method, unit_count, of_count, is_small
from placed
where measure = 'supply_places';
-- Funnel: how far a place lies from the whole that it is part of, where five and more would be expected on either side.
create table memory.funnel as
with part as (
    select f.measure, f.statistic, f.quarter, f.area, f.municipality, f.service, f.cut, f.code,
        if(f.statistic = 'rate', f.of_count * w.unit_count / w.of_count, f.of_count * w.value) as expected,
        f.unit_count as found, f.of_count as n, w.value as whole
    from memory.seen as f
    join memory.seen as w
        on w.measure = f.measure and w.statistic = f.statistic and w.quarter = f.quarter and w.service = f.service
        and w.cut = f.cut and w.code = f.code and w.municipality = ''
        and w.area = if(f.municipality = '', '', f.area)
    where f.statistic in ('rate', 'share') and f.area not in ('', 'unknown') and f.municipality <> 'unknown' and f.value is not null and w.value > 0
),
tested as (
    select *,
        (found - expected) / sqrt(if(statistic = 'rate', expected, expected * (1 - whole))) as z,
        count(*) over (partition by measure, statistic, quarter, service, cut, code, if(municipality = '', '', area), municipality = '') as tests
    from part
    where expected >= 5 and (statistic = 'rate' or n - expected >= 5)
)
select t.measure, t.statistic, t.quarter, t.area, t.municipality, t.service, t.cut, t.code,
    case when t.z > b.z then 'high' when t.z < -b.z then 'low' else 'inside' end as funnel
from tested as t
join memory.bonferroni as b on b.tests = t.tests;
-- Ranks among the places of one level, the worst first; the interval of a rank counts those that lie wholly on one side.
create table memory.rank as
with ranked as (
    select f.*, f.municipality = '' as is_area, d.is_bad_high,
        rank() over (partition by f.measure, f.statistic, f.quarter, f.service, f.municipality = '' order by if(d.is_bad_high, -f.value, f.value)) as place
    from memory.seen as f
    join memory.bad as d on d.measure = f.measure
    where f.cut = '' and f.area not in ('', 'unknown') and f.municipality <> 'unknown' and f.value is not null and f.method <> 'count_of_places'
)
select a.measure, a.statistic, a.quarter, a.area, a.municipality, a.service, '' as cut, cast(any_value(a.place) as integer) as place,
    cast(1 + count(*) filter (if(a.is_bad_high, b.low > a.high, b.high < a.low)) as integer) as place_low,
    cast(count(*) - count(*) filter (if(a.is_bad_high, b.high < a.low, b.low > a.high)) as integer) as place_high
from ranked as a
join ranked as b on b.measure = a.measure and b.statistic = a.statistic and b.quarter = a.quarter and b.service = a.service and b.is_area = a.is_area
group by a.measure, a.statistic, a.quarter, a.area, a.municipality, a.service;
create table release.figure as
select
    f.measure || if(f.statistic = '', '', '.' || f.statistic) || '@' || f.quarter || if(f.area = '', '', '/area=' || f.area)
        || if(f.municipality = '', '', '/municipality=' || f.municipality) || if(f.service = '', '', '/service=' || f.service)
        || if(f.cut = '', '', '/' || f.cut || '=' || f.code) as figure_id,
    f.measure, f.statistic, f.quarter, f.area, f.municipality, f.service, f.cut, f.code,
    cast(f.value as double) as value, cast(f.low as double) as low, cast(f.high as double) as high, f.method,
    coalesce(cast(f.unit_count as bigint), 0) as unit_count, cast(f.of_count as bigint) as of_count,
    coalesce(c.reported, 0) as reported_count, coalesce(c.expected, 0) as expected_count,
    coalesce(f.is_small, false) as is_small, coalesce(c.broken, false) as line_broken,
    coalesce(u.funnel, '') as funnel, coalesce(r.place, 0) as rank, coalesce(r.place_low, 0) as rank_low, coalesce(r.place_high, 0) as rank_high
from memory.seen as f
left join memory.covered as c on c.quarter = f.quarter and c.area = f.area and c.municipality = f.municipality and c.service = f.service
left join memory.funnel as u
    on u.measure = f.measure and u.statistic = f.statistic and u.quarter = f.quarter and u.area = f.area
    and u.municipality = f.municipality and u.service = f.service and u.cut = f.cut and u.code = f.code
left join memory.rank as r
    on r.measure = f.measure and r.statistic = f.statistic and r.quarter = f.quarter and r.area = f.area
    and r.municipality = f.municipality and r.service = f.service and r.cut = f.cut
order by f.measure, f.statistic, f.quarter, f.area, f.municipality, f.service, f.cut, f.code;
create table release.definition as
select d.measure, s.statistic, s.kind, d.unit, 'gap' as pack, d.label || s.more as label, d.label_fr || s.more_fr as label_fr,
    d.definition, d.definition_fr, d.cites, b.is_bad_high, cast(d.ordinal * 10 + s.place as integer) as ordinal
from gap.definition as d
join memory.bad as b on b.measure = d.measure
join (values ('count', '', 'count', '', '', 1), ('count', 'rate', 'rate', ', per 1,000', ', pour 1 000', 2), ('sum', '', 'sum', '', '', 1),
    ('share', 'share', 'share', '', '', 1), ('wait', 'median', 'wait', ': half', ' : la moitié', 1), ('wait', 'p90', 'wait', ': nine of ten', ' : neuf sur dix', 2))
    as s (of_kind, statistic, kind, more, more_fr, place) on s.of_kind = d.kind
where s.statistic <> 'rate' or d.measure in ('need_identified', 'need_received', 'need_waiting', 'need_not_available')
order by ordinal;
create table release.service as
select code, label as name, label_fr as name_fr, ordinal from gap.breakdown where "by" = 'service_type' order by ordinal;
insert into release.cut
select 'reason', by_label, by_label_fr, code, label, label_fr, ordinal from gap.breakdown where "by" = 'reason' order by ordinal;
create table release.agency as
select agency, name, coalesce(name_fr, name) as name_fr, coalesce(role, '') as role, coalesce(category, '') as category
from stage.agency where agency <> 'REGISTER' order by agency;
create table release.delivery as
select quarter, agency, state, coalesce(is_late, false) as is_late from stage.delivery where agency <> 'REGISTER' order by all;
-- A referral counts in the quarter of its day; its outcome is what the newest file says of it.
create table release.path as
with newest as (
    select referral_id, any_value(direction) as direction, arg_max(other_party_category, quarter) as category, arg_max(kind, quarter) as kind,
        arg_max(outcome, quarter) as outcome, max(referred_on) as referred_on
    from core.client_referral
    group by referral_id
),
last as (select max(ends_on) as ends_on from core.quarter)
select q.quarter, coalesce(n.direction, 'unknown') as direction, coalesce(n.category, 'unknown') as partner_category, coalesce(n.kind, 'unknown') as kind,
    coalesce(n.outcome, case when n.direction <> 'out' then 'unknown' when l.ends_on - n.referred_on > 90 then 'lost' else 'open' end) as outcome, count(*) as unit_count, count(*) < any_value(s.least) as is_small
from newest as n
join core.quarter as q on n.referred_on between q.starts_on and q.ends_on
cross join last as l
cross join (select cast(value as integer) as least from release.setting where name = 'small_below') as s
where not exists (select 1 from memory.audience)
group by q.quarter, 2, 3, 4, 5
order by all;
create table release.partner as
select q.quarter, r.programme, r.partner_category, coalesce(b.label, r.partner_category) as name, coalesce(b.label_fr, r.partner_category) as name_fr,
    exists (select 1 from core.agreement_in_force as a
        where a.quarter = q.quarter and a.partner_category = r.partner_category and a.is_formal and a.is_in_force) as has_agreement,
    count(t.agency) filter (t.state <> 'missing') > 0 as has_data,
    coalesce(string_agg(t.agency, ' ' order by t.agency), '') as agencies
from core.quarter as q
cross join core.required_partner as r
left join stage.agency as g on g.category = r.partner_category
left join memory.told as t on t.quarter = q.quarter and t.agency = g.agency
left join (select distinct code, label, label_fr from measure.breakdown where "by" = 'partner_category') as b on b.code = r.partner_category
where (r.programme <> 'hub' or exists (select 1 from stage.agency as h where h.category = 'hub'))
    and not exists (select 1 from memory.audience where name = 'public')
group by q.quarter, r.programme, r.partner_category, b.label, b.label_fr
order by all;
-- What it would take: a place for each child that waits, or was told that there is none within reach; and the hours that a
-- child served with the same service typically has in a quarter, where five and more children tell them.
create table release.closing as
with waits as (
    select quarter, area, municipality, service, k from memory.count where measure = 'need_waiting' and cut = ''
),
refused as (
    select quarter, area, municipality, service, sum(n) as k
    from memory.rolled
    where measure = 'need_refused' and cut = 'reason' and code in ('full', 'no_provider', 'distance')
    group by all
),
typical as (
    select quarter, service_type as service, quantile_disc(hours, 0.5) as hours
    from gap.served
    where hours > 0
    group by all
    having count(distinct child_id) >= 5
)
select w.quarter, w.area, w.municipality, w.service, w.k as waiting, cast(coalesce(r.k, 0) as bigint) as not_available,
    cast(w.k + coalesce(r.k, 0) as double) as places, (w.k + coalesce(r.k, 0)) * t.hours as hours, 'one_place_each' as method,
    w.k > 0 and w.k < s.least or coalesce(r.k > 0 and r.k < s.least, false) as is_small
from waits as w
left join refused as r using (quarter, area, municipality, service)
left join typical as t on t.quarter = w.quarter and t.service = w.service
cross join (select cast(value as integer) as least from release.setting where name = 'small_below') as s
where w.service <> '' and w.k + coalesce(r.k, 0) > 0 and not exists (select 1 from memory.audience)
order by all;
create table release.method (method varchar, label varchar, label_fr varchar);
insert into release.method values
    ('poisson_exact', 'Exact Poisson limits (Garwood) of the count', 'Limites exactes de Poisson (Garwood) du nombre'),
    ('wilson', 'Wilson score limits of the share', 'Limites de Wilson de la proportion'),
    ('greenwood_log_log', 'Kaplan-Meier; limits of Brookmeyer and Crowley from Greenwood''s variance on the scale log(-log)', 'Kaplan-Meier; limites de Brookmeyer et Crowley selon la variance de Greenwood sur l''échelle log(-log)'),
    ('hidden', 'Hidden, so that no child can be recognized', 'Masqué, afin qu''aucun enfant ne puisse être reconnu'),
    ('count_of_places', 'Counted in full: no interval', 'Dénombrement complet : aucun intervalle'),
    ('funnel', 'Outside the limits of a funnel plot around the value of the whole, 95 % over all places tested together (Bonferroni); not tested where fewer than 5 would be expected', 'Hors des limites d''un graphique en entonnoir autour de la valeur de l''ensemble, à 95 % pour tous les lieux examinés ensemble (Bonferroni); non examiné si moins de 5 sont attendus'),
    ('rank', 'Rank 1 is the worst; its limits count the places whose intervals lie wholly on one side', 'Le rang 1 est le plus défavorable; ses limites comptent les lieux dont l''intervalle se situe entièrement d''un côté'),
    ('one_place_each', 'Derived: one place for each child waiting or told that the service is full, absent or too far; hours by the median of the children served', 'Dérivé : une place par enfant en attente, ou pour qui le service est complet, absent ou trop éloigné; heures selon la médiane des enfants servis');
