-- One row per delivery that lacks many clients who were open in the one before.
-- check: clients_vanished
-- class: history
-- severity: please_confirm
-- name: Open clients are gone
-- name_fr: Clients ouverts disparus
-- fix: send the clients who are lacking, with the closing date of those who left
-- fix_fr: envoyez les clients manquants, avec la date de fermeture de ceux qui sont partis
--
-- basis: domain.md 1.3 (a file is made inactive), 6 (a record that is dropped makes the count fall silently)
-- applies: snapshots of agencies that fill closing dates, where more than 5 % and more than five are gone
-- Where the numbers themselves changed, client_numbers_changed says it.
with client as (
    select agency, quarter, client_local_id,
        bool_or(closed_on is not null or coalesce(status, 'open') = 'closed') as is_closed
    from stage.client
    where is_superseded is not true and file_kind = 'snapshot'
    group by agency, quarter, client_local_id
),
delivered as (
    select agency, quarter, min({file: _address.file, version: _address.version, sheet: _address.sheet}) as place,
        lag(quarter) over (partition by agency order by quarter) as quarter_before,
        count(closed_on) + lag(count(closed_on)) over (partition by agency order by quarter)
            as closed_count
    from stage.client
    where is_superseded is not true and file_kind = 'snapshot'
    group by agency, quarter
),
compared as (
    select d.agency, d.quarter, d.quarter_before, d.place, count(*) as n,
        count(*) filter (c.client_local_id is null) as gone_count
    from delivered as d
    join client as b
        on b.agency = d.agency
        and b.quarter = d.quarter_before
        and not b.is_closed
    left join client as c
        on c.agency = d.agency
        and c.quarter = d.quarter
        and c.client_local_id = b.client_local_id
    where d.closed_count > 0
    group by d.agency, d.quarter, d.quarter_before, d.place
)
select
    t.agency,
    t.quarter,
    cast(null as varchar) as column_name,
    concat(t.gone_count, ' of ', t.n, ' clients who were open in the last delivery are not in this one')
        as detail,
    {quarter: t.quarter, file: t.place.file, version: t.place.version, sheet: t.place.sheet, "row": cast(null as bigint), path: cast(null as varchar)} as _address
from compared as t
where t.gone_count > 5
    and t.gone_count > 0.05 * t.n
    and t.gone_count <= 0.8 * t.n
    and cast(left(t.quarter, 4) as integer) * 4 + cast(right(t.quarter, 1) as integer)
        = cast(left(t.quarter_before, 4) as integer) * 4 + cast(right(t.quarter_before, 1) as integer) + 1
