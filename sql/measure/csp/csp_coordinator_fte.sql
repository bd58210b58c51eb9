-- One row per Service Planning Coordinator employed on the last day of the quarter.
-- measure: csp_coordinator_fte
-- kind: sum
-- unit: fte
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 422
-- evidence: coordinator.fte
-- label: Service Planning Coordinators, full-time equivalents
-- label_fr: Coordonnateurs, en équivalents temps plein
-- definition: Full-time equivalents of the coordinators of the register on the last day of the
-- definition: quarter.
-- definition_fr: Équivalents temps plein des coordonnateurs du registre au dernier jour du
-- definition_fr: trimestre.
-- rule: no_fte | The full-time equivalent is missing | L'équivalent temps plein manque
-- cites: derived from CSP guidelines 2017, part 8
select
    k.coordinator_id as unit_id,
    k.quarter,
    k.agency,
    k.employer,
    a.area,
    cast(null as varchar) as municipality,
    k.fte is not null as counted,
    case when k.fte is null then 'no_fte' end as left_out_by,
    k.fte as value,
    k._address
from core.coordinator as k
join core.quarter as q on q.quarter = k.quarter
left join stage.agency as a on a.agency = k.employer
where coalesce(k.started_on <= q.ends_on, true)
    and coalesce(k.ended_on >= q.ends_on, true)
