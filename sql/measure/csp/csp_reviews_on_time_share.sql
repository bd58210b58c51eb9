-- One row per CSP episode with a plan review due in the quarter.
-- measure: csp_reviews_on_time_share
-- kind: share
-- unit: episode
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: how_well
-- ordinal: 312
-- evidence: plan.reviewed_on, plan.review_was_due_on
-- label: Share of plan reviews done on time
-- label_fr: Part des révisions de plan faites à temps
-- definition: Share of the reviews due in the period that were done on or before their due date.
-- definition_fr: Part des révisions à échéance durant la période qui ont été faites au plus tard à
-- definition_fr: l'échéance.
-- cites: derived from CSP guidelines 2017, part 4; six months: local protocol of another area, taken as a setting: "Service Integration Guidelines for Kingston, Frontenac and Lennox & Addington"
select
    episode_id as unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    true as counted,
    cast(null as varchar) as left_out_by,
    cast(if(is_review_on_time, 1, 0) as double) as value,
    _plan_address as _address
from core.csp_episode
where is_review_due
