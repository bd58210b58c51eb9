-- One row per goal met in the quarter, or on an unknown day.
-- measure: goals_met
-- kind: count
-- unit: goal
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: what
-- ordinal: 242
-- by: area_code
-- evidence: goal.status, goal.status_on
-- label: Goals met
-- label_fr: Objectifs atteints
-- definition: Goals achieved in the period: by their date or, without one, where the file of the
-- definition: quarter before still had them in progress.
-- definition_fr: Objectifs atteints durant la période : selon leur date ou, à défaut, ceux que le
-- definition_fr: fichier du trimestre précédent disait encore en cours.
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
    is_met as counted,
    case when not is_met then 'no_date' end as left_out_by,
    cast(null as double) as value,
    _address
from core.plan_goal
where is_met or has_no_date and status = 'achieved'
