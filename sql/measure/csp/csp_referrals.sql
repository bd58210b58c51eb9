-- One row per CSP episode referred in the quarter, or without a referral date.
-- measure: csp_referrals
-- kind: count
-- unit: episode
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: who
-- ordinal: 101
-- by: source
-- evidence: referral.referred_on, episode.referral_on
-- label: Referrals received
-- label_fr: Aiguillages reçus
-- definition: Referrals that opened an episode of Coordinated Service Planning, dated in the
-- definition: period, whoever employs the coordinator; the first where an episode has several.
-- definition_fr: Aiguillages datés de la période qui ont ouvert un épisode de planification
-- definition_fr: coordonnée des services, quel que soit l'employeur du coordonnateur; le premier
-- definition_fr: s'il y en a plusieurs.
-- rule: no_date | The date is missing | La date manque
-- breakdown: source | Referral source | Source d'aiguillage
-- list: source
-- cites: derived from CSP guidelines 2017, parts 4 and 8
select
    episode_id as unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    source,
    referral_on is not null as counted,
    case when referral_on is null then 'no_date' end as left_out_by,
    cast(null as double) as value,
    _address
from core.csp_episode
where referral_on between starts_on and ends_on or referral_on is null
