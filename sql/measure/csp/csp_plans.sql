-- One row per CSP episode with a plan dated in the quarter.
-- measure: csp_plans
-- kind: count
-- unit: episode
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: what
-- ordinal: 221
-- evidence: plan.written_on
-- label: Plans developed
-- label_fr: Plans élaborés
-- definition: First Coordinated Service Plans dated in the period.
-- definition_fr: Premiers plans de services coordonnés datés de la période.
-- rule: before_referral | The date lies before the referral | La date précède l'aiguillage
-- cites: derived from CSP guidelines 2017, part 4
select
    episode_id as unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    coalesce(written_on >= referral_on, true) as counted,
    case when written_on < referral_on then 'before_referral' end as left_out_by,
    cast(null as double) as value,
    _plan_address as _address
from core.csp_episode
where written_on between starts_on and ends_on
