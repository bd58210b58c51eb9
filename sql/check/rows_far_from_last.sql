-- One row per delivery with less than half or more than twice the clients of the one before.
-- check: rows_far_from_last
-- class: history
-- severity: please_confirm
-- name: Far fewer or far more clients than last time
-- name_fr: Beaucoup moins ou beaucoup plus de clients que la dernière fois
-- fix: check whether the file is whole and only of this agency; if it is right, say so
-- fix_fr: vérifiez que le fichier est complet et ne porte que sur cet organisme; s'il est exact, dites-le
--
-- basis: domain.md 6 (a record that is dropped makes the count fall silently)
-- applies: snapshots and cumulative files, with 20 clients or more before or now
with counted as (
    select agency, quarter, count(distinct client_local_id) as n,
        min({file: _address.file, version: _address.version, sheet: _address.sheet}) as place
    from stage.client
    where is_superseded is not true and file_kind in ('snapshot', 'cumulative')
    group by agency, quarter
),
compared as (
    select agency, quarter, n, place, lag(n) over (partition by agency order by quarter) as n_before,
        lag(quarter) over (partition by agency order by quarter) as quarter_before
    from counted
)
select
    t.agency,
    t.quarter,
    cast(null as varchar) as column_name,
    concat(t.n, ' clients; the last delivery had ', t.n_before) as detail,
    {quarter: t.quarter, file: t.place.file, version: t.place.version, sheet: t.place.sheet, "row": cast(null as bigint), path: cast(null as varchar)} as _address
from compared as t
where greatest(t.n, t.n_before) >= 20
    and (t.n < 0.5 * t.n_before or t.n > 2 * t.n_before)
    and cast(left(t.quarter, 4) as integer) * 4 + cast(right(t.quarter, 1) as integer)
        = cast(left(t.quarter_before, 4) as integer) * 4 + cast(right(t.quarter_before, 1) as integer) + 1
