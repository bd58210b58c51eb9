-- One row per CSP episode with first_contact_on in the quarter.
-- measure: csp_days_to_first_contact
-- kind: quantile
-- unit: episode
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: how_well
-- ordinal: 301
-- evidence: episode.referral_on, episode.first_contact_on
-- label: Days from referral to first contact
-- label_fr: Jours de l'aiguillage au premier contact
-- definition: Calendar days from referral to the first contact with the family, for first contacts
-- definition: dated in the period.
-- definition_fr: Jours civils de l'aiguillage au premier contact avec la famille, pour les premiers
-- definition_fr: contacts datés de la période.
-- rule: no_referral_date | The referral date is missing | La date d'aiguillage manque
-- rule: before_referral | The date lies before the referral | La date précède l'aiguillage
-- cites: derived from CSP guidelines 2017, part 4
select
    episode_id as unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    coalesce(first_contact_on >= referral_on, false) as counted,
    case
        when referral_on is null then 'no_referral_date'
        when first_contact_on < referral_on then 'before_referral'
    end as left_out_by,
    cast(date_diff('day', referral_on, first_contact_on) as double) as value,
    _address
from core.csp_episode
where first_contact_on between starts_on and ends_on
