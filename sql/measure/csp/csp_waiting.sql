-- One row per CSP episode waiting at the end of the quarter, or waiting since an unknown day.
-- measure: csp_waiting
-- kind: count
-- unit: episode
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 401
-- evidence: episode.referral_on, episode.assigned_on
-- label: Episodes waiting for a coordinator
-- label_fr: Épisodes en attente d'un coordonnateur
-- definition: Episodes referred, not ended and without a coordinator on the last day of the
-- definition: quarter; withdrawn or not accepted at intake is not waiting.
-- definition_fr: Épisodes aiguillés, non terminés et sans coordonnateur au dernier jour du
-- definition_fr: trimestre; un retrait ou un refus à l'accueil n'est pas une attente.
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
    cast(null as double) as value,
    _address
from core.csp_episode
where is_waiting or status = 'waiting' and referral_on is null
