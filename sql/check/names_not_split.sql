-- One row per file whose names are whole names in one column.
-- check: names_not_split
-- class: section
-- severity: please_confirm
-- name: Names in one cell
-- name_fr: Noms dans une seule cellule
-- fix: send given name and family name in two columns, or split them in the agency's file
-- fix_fr: envoyez le prénom et le nom dans deux colonnes, ou séparez-les dans le fichier de l'organisme
--
-- basis: common sense (linking compares given and family names apart)
-- applies: files with at least 20 named clients
with named as (
    select agency, quarter, _address.file as file, _address.version as version,
        _address.sheet as sheet, count(*) as row_count,
        count(*) filter (family_name like '%,%') as family_count,
        count(*) filter (given_name like '%,%') as given_count
    from stage.client
    where is_superseded is not true and coalesce(family_name, given_name) is not null
    group by all
)
select
    t.agency,
    t.quarter,
    if(t.family_count >= t.given_count, 'family_name', 'given_name') as column_name,
    concat(greatest(t.family_count, t.given_count), ' of ', t.row_count, ' names hold a comma') as detail,
    {quarter: t.quarter, file: t.file, version: t.version, sheet: t.sheet, "row": cast(null as bigint), path: cast(null as varchar)} as _address
from named as t
where t.row_count >= 20 and greatest(t.family_count, t.given_count) > 0.1 * t.row_count
