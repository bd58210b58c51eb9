-- One row per CSP episode with assigned_on in the quarter.
-- measure: csp_days_to_assigned
-- kind: quantile
-- unit: episode
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: how_well
-- ordinal: 302
-- evidence: episode.referral_on, episode.assigned_on
-- label: Days from referral to coordinator assigned
-- label_fr: Jours de l'aiguillage à l'affectation du coordonnateur
-- definition: Calendar days from referral to the assignment of a coordinator, for assignments
-- definition: dated in the period.
-- definition_fr: Jours civils de l'aiguillage à l'affectation d'un coordonnateur, pour les
-- definition_fr: affectations datées de la période.
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
    coalesce(assigned_on >= referral_on, false) as counted,
    case
        when referral_on is null then 'no_referral_date'
        when assigned_on < referral_on then 'before_referral'
    end as left_out_by,
    cast(date_diff('day', referral_on, assigned_on) as double) as value,
    _address
from core.csp_episode
where assigned_on between starts_on and ends_on
