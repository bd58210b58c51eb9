-- One row per family that asked a SmartStart Hub in the quarter, or on an unknown day.
-- measure: hub_requests
-- kind: count
-- unit: episode
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: who
-- ordinal: 151
-- by: source
-- evidence: episode.referral_on, referral.referred_on
-- label: SmartStart Hub: requests
-- label_fr: Carrefour SmartStart : demandes
-- definition: Families who came to a SmartStart Hub in the period, by who sent them.
-- definition_fr: Familles venues à un carrefour SmartStart durant la période, selon la
-- definition_fr: provenance.
-- rule: no_date | The date is missing | La date manque
-- breakdown: source | Sent by | Provenance
-- list: source
-- cites: derived from SmartStart Hubs guidelines, part 9
select
    episode_id as unit_id,
    quarter,
    agency,
    agency as employer,
    area,
    municipality,
    source,
    referral_on is not null as counted,
    case when referral_on is null then 'no_date' end as left_out_by,
    cast(null as double) as value,
    _address
from core.hub_episode
where referral_on between starts_on and ends_on or referral_on is null
