-- One row per CSP episode with a plan review due in the quarter.
-- measure: csp_reviews_on_time
-- kind: count
-- unit: episode
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: what
-- ordinal: 232
-- evidence: plan.reviewed_on, plan.review_was_due_on
-- label: Plan reviews done on time
-- label_fr: Révisions de plan faites à temps
-- definition: Of the reviews due in the period, those done on or before their due date.
-- definition_fr: Parmi les révisions à échéance durant la période, celles faites au plus tard à
-- definition_fr: l'échéance.
-- rule: late | The review was done after its due date, or not yet | La révision a été faite après l'échéance ou ne l'est pas encore
-- cites: derived from CSP guidelines 2017, part 4
select
    episode_id as unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    is_review_on_time as counted,
    case when not is_review_on_time then 'late' end as left_out_by,
    cast(null as double) as value,
    _plan_address as _address
from core.csp_episode
where is_review_due
