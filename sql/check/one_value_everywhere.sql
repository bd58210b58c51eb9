-- One row per file and column in which every client has the same value.
-- check: one_value_everywhere
-- class: section
-- severity: please_confirm
-- name: The same value in every row
-- name_fr: La même valeur sur toutes les lignes
-- fix: check the export: the column is a constant, or was filled down
-- fix_fr: vérifiez l'extraction : la colonne est constante ou a été recopiée vers le bas
--
-- basis: common sense
-- applies: files with at least 30 clients; columns in which people differ
with filled as (
    select agency, quarter, _address.file as file, _address.version as version,
        _address.sheet as sheet,
        unnest([
            {column_name: 'birth_date', n: count(birth_date), same: min(birth_date) = max(birth_date)},
            {column_name: 'family_name', n: count(family_name), same: min(family_name) = max(family_name)},
            {column_name: 'given_name', n: count(given_name), same: min(given_name) = max(given_name)},
            {column_name: 'phone', n: count(phone), same: min(phone) = max(phone)},
            {column_name: 'postal_code', n: count(postal_code), same: min(postal_code) = max(postal_code)},
            {column_name: 'street_address', n: count(street_address), same: min(street_address) = max(street_address)},
            {column_name: 'family_local_id', n: count(family_local_id), same: min(family_local_id) = max(family_local_id)}
        ]) as told
    from stage.client
    where is_superseded is not true
    group by agency, quarter, _address.file, _address.version, _address.sheet
)
select
    t.agency,
    t.quarter,
    t.told.column_name as column_name,
    concat('all ', t.told.n, ' rows that are filled have one value') as detail,
    {quarter: t.quarter, file: t.file, version: t.version, sheet: t.sheet, "row": cast(null as bigint), path: cast(null as varchar)} as _address
from filled as t
where t.told.same and t.told.n >= 30
