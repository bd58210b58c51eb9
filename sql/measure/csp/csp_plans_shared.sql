-- One row per CSP episode with a plan shared in the quarter.
-- measure: csp_plans_shared
-- kind: count
-- unit: episode
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: what
-- ordinal: 222
-- evidence: plan.shared_on
-- label: Plans shared
-- label_fr: Plans communiqués
-- definition: Coordinated Service Plans shared with the family's providers in the period.
-- definition_fr: Plans de services coordonnés communiqués aux fournisseurs de la famille durant la
-- definition_fr: période.
-- rule: before_referral | The date lies before the referral | La date précède l'aiguillage
-- cites: derived from CSP guidelines 2017, part 4
select
    episode_id as unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    coalesce(shared_on >= referral_on, true) as counted,
    case when shared_on < referral_on then 'before_referral' end as left_out_by,
    cast(null as double) as value,
    _plan_address as _address
from core.csp_episode
where shared_on between starts_on and ends_on
