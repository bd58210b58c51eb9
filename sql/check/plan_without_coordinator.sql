-- One row per plan whose episode names no coordinator.
-- check: plan_without_coordinator
-- class: row
-- severity: please_confirm
-- name: Plan without a coordinator
-- name_fr: Plan sans coordonnatrice ni coordonnateur
-- fix: name the coordinator who wrote the plan with the family
-- fix_fr: nommez la personne qui a rédigé le plan avec la famille
--
-- basis: domain.md 1.3 steps 4 and 7 (the coordinator is assigned, then the plan is made)
-- applies: files that name the coordinator of other episodes
-- Active episodes without a coordinator are active_without_coordinator already.
with episode as (
    select agency, quarter, as_of, client_local_id, episode_local_id, coordinator, status, _address
    from stage.episode
    where is_superseded is not true
    qualify count(coordinator) over (partition by agency, quarter, _address.file) > 0
)
select
    t.agency,
    t.quarter,
    'written_on' as column_name,
    'a plan was written in an episode without a coordinator' as detail,
    t._address
from stage.plan as t
join episode as e
    on e.agency = t.agency
    and e.quarter = t.quarter
    and e.as_of = t.as_of
    and e.client_local_id = t.client_local_id
    and e.episode_local_id is not distinct from t.episode_local_id
    and e._address.file = t._address.file
where t.is_superseded is not true
    and t.written_on is not null
    and e.coordinator is null
    and e.status is distinct from 'active'
