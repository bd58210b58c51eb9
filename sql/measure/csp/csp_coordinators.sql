-- One row per Service Planning Coordinator employed on the last day of the quarter.
-- measure: csp_coordinators
-- kind: count
-- unit: coordinator
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 421
-- evidence: coordinator.coordinator
-- label: Service Planning Coordinators
-- label_fr: Coordonnateurs de la planification des services
-- definition: Coordinators of the register who work in the area on the last day of the quarter,
-- definition: whoever employs them.
-- definition_fr: Coordonnateurs du registre en poste dans le secteur au dernier jour du
-- definition_fr: trimestre, quel que soit leur employeur.
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
    cast(null as double) as value,
    k._address
from core.coordinator as k
join core.quarter as q on q.quarter = k.quarter
left join stage.agency as a on a.agency = k.employer
where coalesce(k.started_on <= q.ends_on, true)
    and coalesce(k.ended_on >= q.ends_on, true)
