-- One row per delivery that has few of the client numbers that were open in the one before.
-- check: client_numbers_changed
-- class: history
-- severity: please_confirm
-- name: Client numbers are others than last time
-- name_fr: Numéros de client différents de la dernière fois
-- fix: send the numbers of last time again, or a list of old and new numbers; else every client counts as a new one
-- fix_fr: envoyez les anciens numéros, ou une liste de correspondance; sinon, chaque client compte comme nouveau
--
-- basis: domain.md 6 (export lists have the client's own number)
-- applies: snapshots and cumulative files with at least 20 clients, and a delivery of at least 20 open ones in the quarter before
with client as (
    select agency, quarter, client_local_id,
        bool_or(closed_on is not null or coalesce(status, 'open') = 'closed') as is_closed
    from stage.client
    where is_superseded is not true and file_kind in ('snapshot', 'cumulative')
    group by agency, quarter, client_local_id
),
delivered as (
    select agency, quarter, count(distinct client_local_id) as client_count,
        min({file: _address.file, version: _address.version, sheet: _address.sheet}) as place,
        lag(quarter) over (partition by agency order by quarter) as quarter_before
    from stage.client
    where is_superseded is not true and file_kind in ('snapshot', 'cumulative')
    group by agency, quarter
),
compared as (
    select d.agency, d.quarter, d.quarter_before, d.client_count, d.place, count(*) as n,
        count(c.client_local_id) as both_count
    from delivered as d
    join client as b
        on b.agency = d.agency
        and b.quarter = d.quarter_before
        and not b.is_closed
    left join client as c
        on c.agency = d.agency
        and c.quarter = d.quarter
        and c.client_local_id = b.client_local_id
    group by d.agency, d.quarter, d.quarter_before, d.client_count, d.place
)
select
    t.agency,
    t.quarter,
    'client_local_id' as column_name,
    concat(t.both_count, ' of ', t.n, ' clients who were open in the last delivery have their number in this one')
        as detail,
    {quarter: t.quarter, file: t.place.file, version: t.place.version, sheet: t.place.sheet, "row": cast(null as bigint), path: cast(null as varchar)} as _address
from compared as t
where t.client_count >= 20
    and t.n >= 20
    and t.both_count < 0.2 * t.n
    and cast(left(t.quarter, 4) as integer) * 4 + cast(right(t.quarter, 1) as integer)
        = cast(left(t.quarter_before, 4) as integer) * 4 + cast(right(t.quarter_before, 1) as integer) + 1
