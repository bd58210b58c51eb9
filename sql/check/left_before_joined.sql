-- One row per wait that ends before it begins.
-- check: left_before_joined
-- class: row
-- severity: please_confirm
-- name: Left the wait list before joining it
-- name_fr: Sortie de la liste d'attente avant l'inscription
-- fix: correct the day of joining or of leaving
-- fix_fr: corrigez la date d'inscription ou de sortie
-- sets_null: wait.joined_on, wait.left_on
--
-- basis: domain.md 1.5 (wait times are published)
-- applies: waits with both dates
select
    t.agency,
    t.quarter,
    'left_on' as column_name,
    'leaves the list before joining it; neither date is used' as detail,
    t._address
from stage.wait as t
where t.left_on < t.joined_on
