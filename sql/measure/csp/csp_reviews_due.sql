-- One row per CSP episode with a plan review due in the quarter.
-- measure: csp_reviews_due
-- kind: count
-- unit: episode
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: what
-- ordinal: 231
-- evidence: plan.review_was_due_on, plan.next_review_due_on
-- label: Plan reviews due
-- label_fr: Révisions de plan à échéance
-- definition: Episodes for which the due date answered by the last review, or a due date still
-- definition: open, lies in the period.
-- definition_fr: Épisodes dont l'échéance à laquelle répondait la dernière révision, ou une
-- definition_fr: échéance encore ouverte, tombe durant la période.
-- cites: derived from CSP guidelines 2017, part 4
select
    episode_id as unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    true as counted,
    cast(null as varchar) as left_out_by,
    cast(null as double) as value,
    _plan_address as _address
from core.csp_episode
where is_review_due
