-- One row per need that is waiting and resolved at once.
-- check: need_resolved_but_waiting
-- class: row
-- severity: please_confirm
-- name: Waiting although resolved
-- name_fr: En attente, mais comblé
-- fix: correct the status, or remove the day on which the need was resolved
-- fix_fr: corrigez le statut, ou retirez la date à laquelle le besoin a été comblé
--
-- basis: domain.md 1.9 D19 (unmet need)
-- applies: needs with a status and a day of resolution
select
    t.agency,
    t.quarter,
    'status' as column_name,
    'is waiting although the need was resolved by the day the file speaks for' as detail,
    t._address
from stage.need as t
where t.is_superseded is not true
    and t.status = 'waiting'
    and t.resolved_on <= t.as_of
