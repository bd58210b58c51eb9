-- One row per family number and file that stands for more than 15 children.
-- check: family_too_large
-- class: case
-- severity: please_confirm
-- name: Family number of many children
-- name_fr: Numéro de famille de nombreux enfants
-- fix: leave the family number empty when it is not known
-- fix_fr: laissez le numéro de famille vide lorsqu'il est inconnu
--
-- basis: common sense (no family has 16 children in care of one agency; a number such as 0 stands for none)
-- applies: files with a family number
select
    t.agency,
    t.quarter,
    'family_local_id' as column_name,
    concat('one family number stands for ', count(distinct t.client_local_id), ' children') as detail,
    min(t._address) as _address
from stage.client as t
where t.is_superseded is not true and t.family_local_id is not null
group by t.agency, t.quarter, t._address.file, t.family_local_id
having count(distinct t.client_local_id) > 15
