-- One row per file and column of who a child is that most rows leave empty.
-- check: seldom_filled
-- class: section
-- severity: note
-- name: Column mostly empty
-- name_fr: Colonne presque vide
-- fix: fill the column; without it children are missed when agencies are put together
-- fix_fr: remplissez la colonne; sans elle, des enfants échappent au rapprochement entre organismes
--
-- basis: domain.md 0 fact 7 (families are matched without school and health number), common sense
-- applies: files with at least 30 clients that fill the column at all
with filled as (
    select agency, quarter, _address.file as file, _address.version as version,
        _address.sheet as sheet, count(*) as row_count,
        unnest([
            {column_name: 'birth_date', n: count(birth_date)},
            {column_name: 'family_name', n: count(family_name)},
            {column_name: 'given_name', n: count(given_name)},
            {column_name: 'postal_code', n: count(postal_code)},
            {column_name: 'municipality', n: count(municipality)}
        ]) as told
    from stage.client
    where is_superseded is not true and file_kind is distinct from 'delta'
    group by agency, quarter, _address.file, _address.version, _address.sheet
)
select
    t.agency,
    t.quarter,
    t.told.column_name as column_name,
    concat('filled in ', t.told.n, ' of ', t.row_count, ' rows') as detail,
    {quarter: t.quarter, file: t.file, version: t.version, sheet: t.sheet, "row": cast(null as bigint), path: cast(null as varchar)} as _address
from filled as t
where t.row_count >= 30 and t.told.n > 0 and t.told.n < 0.5 * t.row_count
