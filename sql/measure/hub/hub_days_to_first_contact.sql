-- One row per family whom a hub first contacted in the quarter.
-- measure: hub_days_to_first_contact
-- kind: quantile
-- unit: episode
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: how_well
-- ordinal: 361
-- evidence: episode.referral_on, episode.first_contact_on
-- label: SmartStart Hub: days to first contact
-- label_fr: Carrefour SmartStart : jours jusqu'au premier contact
-- definition: Calendar days from the request to the first contact, for first contacts in the
-- definition: period.
-- definition_fr: Jours civils de la demande au premier contact, pour les premiers contacts de la
-- definition_fr: période.
-- rule: no_referral_date | The day of the request is missing | La date de la demande manque
-- rule: before_referral | The date lies before the request | La date précède la demande
-- cites: derived from SmartStart Hubs guidelines, part 9
select
    episode_id as unit_id,
    quarter,
    agency,
    agency as employer,
    area,
    municipality,
    coalesce(first_contact_on >= referral_on, false) as counted,
    case
        when referral_on is null then 'no_referral_date'
        when first_contact_on < referral_on then 'before_referral'
    end as left_out_by,
    cast(date_diff('day', referral_on, first_contact_on) as double) as value,
    _address
from core.hub_episode
where first_contact_on between starts_on and ends_on
