-- One row per active episode without a coordinator.
-- check: active_without_coordinator
-- class: row
-- severity: please_confirm
-- name: Active without a coordinator
-- name_fr: Actif sans coordonnatrice ni coordonnateur
-- fix: name the coordinator, or set the status to waiting
-- fix_fr: nommez la personne qui coordonne, ou mettez le statut en attente
--
-- basis: domain.md 1.3 step 4, 1.9 D06, D14
-- applies: files that name the coordinator of other episodes
select
    t.agency,
    t.quarter,
    'coordinator' as column_name,
    'the episode is active and names no coordinator' as detail,
    t._address
from stage.episode as t
where t.is_superseded is not true
qualify t.status = 'active'
    and t.coordinator is null
    and count(t.coordinator) over (partition by t.agency, t.quarter, t._address.file) > 0
