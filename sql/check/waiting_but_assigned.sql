-- One row per episode that waits for a coordinator and has one.
-- check: waiting_but_assigned
-- class: row
-- severity: please_confirm
-- name: Waiting, yet assigned
-- name_fr: En attente, mais une personne est affectée
-- fix: correct the status, or the day of the assignment
-- fix_fr: corrigez le statut, ou la date d'affectation
--
-- basis: domain.md 1.9 D06 (families waiting for a coordinator)
-- applies: episodes with a status and a day of assignment
select
    t.agency,
    t.quarter,
    'status' as column_name,
    'waits for a coordinator who was assigned by the day the file speaks for' as detail,
    t._address
from stage.episode as t
where t.is_superseded is not true
    and t.status = 'waiting'
    and t.assigned_on <= t.as_of
    and (t.reengaged_on > t.assigned_on) is not true
