-- One row per client without a name.
-- check: no_name
-- class: row
-- severity: note
-- name: Client without a name
-- name_fr: Client sans nom
-- fix: give the name; when your agency may not send names, nothing needs to be done
-- fix_fr: indiquez le nom; si votre organisme ne peut transmettre de noms, il n'y a rien à faire
--
-- basis: domain.md 0 fact 7 (families are matched without school and health number), common sense
-- applies: clients
select
    t.agency,
    t.quarter,
    'family_name' as column_name,
    'neither a given name nor a family name; the client cannot be linked' as detail,
    t._address
from stage.client as t
where t.family_name is null and t.given_name is null
