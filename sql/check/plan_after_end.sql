-- One row per plan written after its episode closed.
-- check: plan_after_end
-- class: row
-- severity: please_confirm
-- name: Plan dated after the episode closed
-- name_fr: Plan daté d'après la fermeture de l'épisode
-- fix: correct the date of the plan, or the closing date
-- fix_fr: corrigez la date du plan, ou la date de fermeture
--
-- basis: domain.md 1.3 (a file is made inactive), common sense
-- applies: plans of closed episodes that were not re-engaged
select
    t.agency,
    t.quarter,
    'written_on' as column_name,
    'lies after the day the episode closed' as detail,
    t._address
from stage.plan as t
join stage.episode as e
    on e.agency = t.agency
    and e.quarter = t.quarter
    and e.as_of = t.as_of
    and e.client_local_id = t.client_local_id
    and e.episode_local_id is not distinct from t.episode_local_id
    and e._address.file = t._address.file
where t.is_superseded is not true
    and t.written_on > e.closed_on
    and e.reengaged_on is null
