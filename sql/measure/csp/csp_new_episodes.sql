-- One row per CSP episode whose coordinator was assigned in the quarter, or on an unknown day.
-- measure: csp_new_episodes
-- kind: count
-- unit: episode
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: what
-- ordinal: 211
-- evidence: episode.assigned_on
-- label: New episodes
-- label_fr: Nouveaux épisodes
-- definition: Episodes whose date of assignment to a coordinator lies in the period.
-- definition_fr: Épisodes dont la date d'affectation d'un coordonnateur tombe durant la période.
-- rule: no_start_date | The date on which the coordinator was assigned is missing | La date d'affectation du coordonnateur manque
-- cites: derived from CSP guidelines 2017, part 4
select
    episode_id as unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    assigned_on is not null as counted,
    case when assigned_on is null then 'no_start_date' end as left_out_by,
    cast(null as double) as value,
    _address
from core.csp_episode
where assigned_on between starts_on and ends_on or assigned_on is null and status = 'active'
