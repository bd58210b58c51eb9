-- One row per CSP episode active at the end of the quarter, or active without an assignment date.
-- measure: csp_active
-- kind: count
-- unit: episode
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: who
-- ordinal: 115
-- evidence: episode.assigned_on, episode.status
-- label: Episodes active at quarter end
-- label_fr: Épisodes actifs à la fin du trimestre
-- definition: Episodes with a coordinator assigned and no end on the last day of the quarter.
-- definition_fr: Épisodes ayant un coordonnateur affecté, sans fin au dernier jour du trimestre.
-- rule: no_start_date | The date on which the coordinator was assigned is missing | La date d'affectation du coordonnateur manque
-- cites: derived from CSP guidelines 2017, part 4
select
    episode_id as unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    is_active as counted,
    case when not is_active then 'no_start_date' end as left_out_by,
    cast(null as double) as value,
    _address
from core.csp_episode
where is_active or status = 'active' and assigned_on is null
