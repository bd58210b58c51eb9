-- One row per column of the client list that was filled in the agency's last delivery and is empty now.
-- check: column_emptied
-- class: history
-- severity: please_confirm
-- name: Column suddenly empty
-- name_fr: Colonne soudainement vide
-- fix: send the file with the column filled; if it is meant to be empty, say so
-- fix_fr: envoyez le fichier avec la colonne remplie; si elle doit rester vide, dites-le
--
-- basis: common sense (a field that the export dropped)
-- applies: snapshots and cumulative files with at least 20 clients, and a delivery before
with filled as (
    select agency, quarter, min(_address.file) as file, count(*) as row_count,
        unnest([
            {column_name: 'birth_date', n: count(birth_date)},
            {column_name: 'given_name', n: count(given_name)},
            {column_name: 'family_name', n: count(family_name)},
            {column_name: 'sex', n: count(sex)},
            {column_name: 'gender', n: count(gender)},
            {column_name: 'languages', n: count(languages)},
            {column_name: 'phone', n: count(phone)},
            {column_name: 'street_address', n: count(street_address)},
            {column_name: 'municipality', n: count(municipality)},
            {column_name: 'postal_code', n: count(postal_code)},
            {column_name: 'family_local_id', n: count(family_local_id)},
            {column_name: 'status', n: count(status)},
            {column_name: 'opened_on', n: count(opened_on)}
        ]) as told
    from stage.client
    where is_superseded is not true and file_kind in ('snapshot', 'cumulative')
    group by agency, quarter
),
compared as (
    select agency, quarter, file, told.column_name as column_name, row_count,
        told.n / row_count as share,
        lag(told.n / row_count) over before as share_before,
        lag(row_count) over before as row_count_before
    from filled
    window before as (partition by agency, told.column_name order by quarter)
),
place as (
    select agency, quarter, min({file: _address.file, version: _address.version, sheet: _address.sheet}) as place
    from stage.client
    where is_superseded is not true and file_kind in ('snapshot', 'cumulative')
    group by agency, quarter
)
select
    t.agency,
    t.quarter,
    t.column_name,
    concat('filled in ', cast(round(100 * t.share_before) as integer), ' % of the rows of the last delivery, now in ',
        cast(round(100 * t.share) as integer), ' %') as detail,
    {quarter: t.quarter, file: p.place.file, version: p.place.version, sheet: p.place.sheet, "row": cast(null as bigint), path: cast(null as varchar)} as _address
from compared as t
join place as p
    on p.agency = t.agency
    and p.quarter = t.quarter
where t.row_count >= 20 and t.row_count_before >= 20 and t.share_before >= 0.8 and t.share <= 0.2
