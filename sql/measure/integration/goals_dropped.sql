-- One row per goal dropped in the quarter, or on an unknown day.
-- measure: goals_dropped
-- kind: count
-- unit: goal
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: what
-- ordinal: 244
-- by: area_code
-- evidence: goal.status, goal.status_on
-- label: Goals no longer pursued
-- label_fr: Objectifs abandonnés
-- definition: Goals given up in the period, dated as goals met are.
-- definition_fr: Objectifs abandonnés durant la période, datés comme les objectifs atteints.
-- rule: no_date | The date is missing | La date manque
-- breakdown: area_code | Area of the goal | Domaine de l'objectif
-- list: goal_area
-- cites: derived from "Service Integration Guidelines for Kingston, Frontenac and Lennox & Addington"
select
    goal_id as unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    area_code,
    is_dropped as counted,
    case when not is_dropped then 'no_date' end as left_out_by,
    cast(null as double) as value,
    _address
from core.plan_goal
where is_dropped or has_no_date and status = 'dropped'
