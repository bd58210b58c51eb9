-- One row per CSP episode whose plan was last reviewed in the quarter.
-- measure: csp_plans_reviewed
-- kind: count
-- unit: episode
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: what
-- ordinal: 223
-- evidence: plan.reviewed_on
-- label: Plans reviewed or updated
-- label_fr: Plans révisés ou mis à jour
-- definition: Episodes whose last plan review is dated in the period; several reviews in one
-- definition: quarter count once.
-- definition_fr: Épisodes dont la dernière révision du plan est datée de la période; plusieurs
-- definition_fr: révisions dans un trimestre comptent une seule fois.
-- rule: before_referral | The date lies before the referral | La date précède l'aiguillage
-- cites: derived from CSP guidelines 2017, part 4
select
    episode_id as unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    -- Without a referral date nothing speaks against the review.
    coalesce(reviewed_on >= referral_on, true) as counted,
    case when reviewed_on < referral_on then 'before_referral' end as left_out_by,
    cast(null as double) as value,
    _plan_address as _address
from core.csp_episode
where reviewed_on between starts_on and ends_on
