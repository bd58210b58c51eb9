-- One row per goal still in progress on the last day of the quarter.
-- measure: goals_carried_on
-- kind: count
-- unit: goal
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: what
-- ordinal: 243
-- by: area_code
-- evidence: goal.status
-- label: Goals carried on
-- label_fr: Objectifs poursuivis
-- definition: Goals of plans of open episodes that are in progress on the last day of the
-- definition: quarter.
-- definition_fr: Objectifs de plans d'épisodes ouverts qui sont en cours au dernier jour du
-- definition_fr: trimestre.
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
    true as counted,
    cast(null as varchar) as left_out_by,
    cast(null as double) as value,
    _address
from core.plan_goal
where is_carried_on
