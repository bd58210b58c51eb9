-- One row per wait with an outcome and no day of leaving.
-- check: wait_outcome_without_leaving
-- class: row
-- severity: note
-- name: Outcome of a wait that goes on
-- name_fr: Issue d'une attente toujours en cours
-- fix: give the day on which the child left the list, or remove the outcome
-- fix_fr: indiquez la date de sortie de la liste, ou retirez l'issue
--
-- basis: domain.md 1.5 (wait times are published)
-- applies: files that fill the day of leaving for other waits
select
    t.agency,
    t.quarter,
    'left_on' as column_name,
    'there is an outcome and no day of leaving; the wait counts as going on' as detail,
    t._address
from stage.wait as t
where t.is_superseded is not true
qualify t.outcome is not null
    and t.left_on is null
    and count(t.left_on) over (partition by t.agency, t.quarter, t._address.file) > 0
