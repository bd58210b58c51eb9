-- One row per goal that was met or dropped before it was set.
-- check: goal_settled_before_set
-- class: row
-- severity: please_confirm
-- name: Goal settled before it was set
-- name_fr: Objectif réglé avant d'être fixé
-- fix: correct the day the goal was set or settled
-- fix_fr: corrigez la date à laquelle l'objectif a été fixé ou réglé
--
-- basis: domain.md 1.9 D10 (goals set, met, carried on)
-- applies: goals with both dates
select
    t.agency,
    t.quarter,
    'status_on' as column_name,
    'lies before the day the goal was set' as detail,
    t._address
from stage.goal as t
where t.is_superseded is not true
    and t.status_on < t.set_on
