-- One row per CSP episode waiting at the end of the quarter, or waiting since an unknown day.
-- measure: csp_days_waiting
-- kind: wait
-- unit: episode
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 403
-- evidence: episode.referral_on
-- label: Days waiting for a coordinator so far
-- label_fr: Jours d'attente d'un coordonnateur à ce jour
-- definition: Calendar days from referral to the last day of the quarter, for episodes still
-- definition: without a coordinator.
-- definition_fr: Jours civils de l'aiguillage au dernier jour du trimestre, pour les épisodes
-- definition_fr: encore sans coordonnateur.
-- rule: no_referral_date | The referral date is missing | La date d'aiguillage manque
-- cites: derived from CSP guidelines 2017, part 8
select
    episode_id as unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    is_waiting as counted,
    case when not is_waiting then 'no_referral_date' end as left_out_by,
    cast(date_diff('day', referral_on, ends_on) as double) as value,
    _address
from core.csp_episode
where is_waiting or status = 'waiting' and referral_on is null
