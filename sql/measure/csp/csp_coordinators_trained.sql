-- One row per Service Planning Coordinator employed on the last day of the quarter.
-- measure: csp_coordinators_trained
-- kind: share
-- unit: coordinator
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 424
-- evidence: coordinator.trained_on
-- label: Coordinators trained
-- label_fr: Coordonnateurs formés
-- definition: Of the coordinators of the register on the last day of the quarter, the share who
-- definition: had completed the training by then.
-- definition_fr: Part des coordonnateurs du registre au dernier jour du trimestre qui avaient
-- definition_fr: alors terminé la formation.
-- cites: derived from CSP guidelines 2017, part 8
select
    k.coordinator_id as unit_id,
    k.quarter,
    k.agency,
    k.employer,
    a.area,
    cast(null as varchar) as municipality,
    true as counted,
    cast(null as varchar) as left_out_by,
    cast(if(coalesce(k.trained_on <= q.ends_on, false), 1, 0) as double) as value,
    k._address
from core.coordinator as k
join core.quarter as q on q.quarter = k.quarter
left join stage.agency as a on a.agency = k.employer
where coalesce(k.started_on <= q.ends_on, true)
    and coalesce(k.ended_on >= q.ends_on, true)
