-- One row per case brought to service resolution in the quarter, or on an unknown day.
-- measure: csp_service_resolution_planned
-- kind: share
-- unit: episode
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: how_well
-- ordinal: 313
-- evidence: episode.referral_on
-- label: Service resolution: plan and coordinator before
-- label_fr: Résolution de services : plan et coordonnateur au préalable
-- definition: Of the cases brought to service resolution in the period, the share with a
-- definition: coordinator assigned and a plan written by that day, as the guidelines expect.
-- definition_fr: Part des cas soumis à la résolution de services durant la période pour lesquels
-- definition_fr: un coordonnateur était affecté et un plan rédigé à cette date, comme le
-- definition_fr: prévoient les lignes directrices.
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
    cast(max(if(coalesce(
        c.assigned_on <= s.referral_on and c.written_on <= s.referral_on, false), 1, 0)) as double) as value,
    s._address
from core.episode as s
join core.quarter as q on q.quarter = s.quarter
left join core.csp_episode as c
    on c.agency = s.agency and c.client_local_id = s.client_local_id and c.quarter = s.quarter
where s.programme = 'service_resolution'
    and (s.referral_on between q.starts_on and q.ends_on or s.referral_on is null)
group by s.episode_id, s.quarter, s.agency, s.referral_on, s._address
