-- One row per CSP episode made inactive in the quarter, or inactive without a date.
-- measure: csp_made_inactive
-- kind: count
-- unit: episode
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: what
-- ordinal: 213
-- by: reason
-- evidence: episode.inactive_on, episode.status_on
-- label: Episodes made inactive
-- label_fr: Épisodes devenus inactifs
-- definition: Episodes that became inactive in the period, by reason, whatever came later; closing
-- definition: an episode is not making it inactive.
-- definition_fr: Épisodes devenus inactifs durant la période, selon le motif, quelle qu'en soit la
-- definition_fr: suite; fermer un épisode n'est pas le rendre inactif.
-- rule: no_date | The date is missing | La date manque
-- breakdown: reason | Reason | Motif
-- list: reason
-- cites: derived from CSP guidelines 2017, part 4
select
    episode_id as unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    reason,
    inactive_on is not null as counted,
    case when inactive_on is null then 'no_date' end as left_out_by,
    cast(null as double) as value,
    _address
from core.csp_episode
where inactive_on between starts_on and ends_on or inactive_on is null and status = 'inactive'
