-- One row per goal set in the quarter.
-- measure: goals_set
-- kind: count
-- unit: goal
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: what
-- ordinal: 241
-- by: area_code
-- evidence: goal.set_on
-- label: Goals set
-- label_fr: Objectifs fixés
-- definition: Goals of Coordinated Service Plans set in the period, by the five areas of the
-- definition: local form.
-- definition_fr: Objectifs des plans de services coordonnés fixés durant la période, selon les
-- definition_fr: cinq domaines du formulaire local.
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
    is_set as counted,
    cast(null as varchar) as left_out_by,
    cast(null as double) as value,
    _address
from core.plan_goal
where is_set
