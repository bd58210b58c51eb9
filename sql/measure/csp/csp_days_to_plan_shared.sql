-- One row per CSP episode with shared_on in the quarter.
-- measure: csp_days_to_plan_shared
-- kind: quantile
-- unit: episode
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: how_well
-- ordinal: 304
-- evidence: episode.referral_on, plan.shared_on
-- label: Days from referral to plan shared
-- label_fr: Jours de l'aiguillage au plan communiqué
-- definition: Calendar days from referral to the plan being shared with the providers, for plans
-- definition: shared in the period.
-- definition_fr: Jours civils de l'aiguillage à la communication du plan aux fournisseurs, pour les
-- definition_fr: plans communiqués durant la période.
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
    coalesce(shared_on >= referral_on, false) as counted,
    case
        when referral_on is null then 'no_referral_date'
        when shared_on < referral_on then 'before_referral'
    end as left_out_by,
    cast(date_diff('day', referral_on, shared_on) as double) as value,
    _plan_address as _address
from core.csp_episode
where shared_on between starts_on and ends_on
