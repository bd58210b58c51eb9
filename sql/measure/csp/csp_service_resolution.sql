-- One row per case brought to service resolution in the quarter, or on an unknown day.
-- measure: csp_service_resolution
-- kind: count
-- unit: episode
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: what
-- ordinal: 233
-- evidence: episode.referral_on
-- label: Families sent to service resolution
-- label_fr: Familles dirigées vers la résolution de services
-- definition: Cases brought to service resolution in the period: episodes of the programme
-- definition: service_resolution, by the day of referral.
-- definition_fr: Cas soumis à la résolution de services durant la période : épisodes du programme
-- definition_fr: service_resolution, selon la date d'aiguillage.
-- rule: no_date | The date is missing | La date manque
-- cites: derived from CSP guidelines 2017, endnotes
select
    s.episode_id as unit_id,
    s.quarter,
    s.agency,
    coalesce(max(c.employer), s.agency) as employer,
    max(c.area) as area,
    max(c.municipality) as municipality,
    s.referral_on is not null as counted,
    case when s.referral_on is null then 'no_date' end as left_out_by,
    cast(null as double) as value,
    s._address
from core.episode as s
join core.quarter as q on q.quarter = s.quarter
left join core.csp_episode as c
    on c.agency = s.agency and c.client_local_id = s.client_local_id and c.quarter = s.quarter
where s.programme = 'service_resolution'
    and (s.referral_on between q.starts_on and q.ends_on or s.referral_on is null)
group by s.episode_id, s.quarter, s.agency, s.referral_on, s._address
