-- One row per file in which one telephone number or e-mail address stands for many children.
-- check: contact_of_many
-- class: section
-- severity: note
-- name: One contact for many children
-- name_fr: Une coordonnée pour beaucoup d'enfants
-- fix: leave the cell empty where the family's own number or address is not known
-- fix_fr: laissez la cellule vide lorsque le numéro ou l'adresse de la famille est inconnu
--
-- basis: common sense (the agency's own number, or a placeholder; it ties strangers together)
-- applies: files of clients and caregivers with contacts; fewer than 16 children are a family or a home
with told as (
    select agency, quarter, client_local_id, _address.file as file, _address.version as version,
        _address.sheet as sheet, unnest([
            {column_name: 'phone', contact: phone},
            {column_name: 'email', contact: lower(email)}]) as reached
    from stage.client
    where is_superseded is not true
    union all
    select agency, quarter, client_local_id, _address.file, _address.version, _address.sheet,
        unnest([
            {column_name: 'phone', contact: phone},
            {column_name: 'email', contact: lower(email)}])
    from stage.caregiver
    where is_superseded is not true
),
crowd as (
    select agency, quarter, file, version, sheet, reached.column_name as column_name,
        count(distinct client_local_id) as n
    from told
    where reached.contact is not null
    group by agency, quarter, file, version, sheet, reached.column_name, reached.contact
    having count(*) > 15
)
select
    t.agency,
    t.quarter,
    t.column_name,
    concat('one value stands for ', max(t.n), ' children') as detail,
    {quarter: t.quarter, file: t.file, version: t.version, sheet: t.sheet, "row": cast(null as bigint), path: cast(null as varchar)} as _address
from crowd as t
where t.n > 15
group by t.agency, t.quarter, t.column_name, t.file, t.version, t.sheet
