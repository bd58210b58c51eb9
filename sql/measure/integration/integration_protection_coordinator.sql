-- One row per CSP episode active at the end of the quarter of a child with an open protection file.
-- measure: integration_protection_coordinator
-- kind: share
-- unit: episode
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: how_well
-- ordinal: 334
-- evidence: episode.employer
-- label: Open protection file: coordinated by child welfare
-- label_fr: Dossier de protection ouvert : coordination par la protection de l'enfance
-- definition: Of the active episodes of children on whom a child welfare agency has an open file
-- definition: in the quarter, the share whose coordinator a child welfare agency employs (a local
-- definition: rule of Kingston, Frontenac, Lennox and Addington).
-- definition_fr: Part des épisodes actifs d'enfants pour qui un organisme de protection de
-- definition_fr: l'enfance a un dossier ouvert durant le trimestre, dont le coordonnateur est
-- definition_fr: employé par un tel organisme (règle locale de Kingston, Frontenac, Lennox et
-- definition_fr: Addington).
-- cites: derived from the local protocol of another area, taken as a setting: "Service Integration Guidelines for Kingston, Frontenac and Lennox & Addington"
select
    e.episode_id as unit_id,
    e.quarter,
    e.agency,
    e.employer,
    e.area,
    e.municipality,
    true as counted,
    cast(null as varchar) as left_out_by,
    cast(if(coalesce(a.category = 'child_welfare', false), 1, 0) as double) as value,
    e._address
from core.csp_episode as e
join link.client_child as c
    on c.agency = e.agency and c.client_local_id = e.client_local_id and c.quarter = e.quarter
join link.child_team as t on t.child_id = c.child_id and t.quarter = c.quarter
left join stage.agency as a on a.agency = e.employer
where e.is_active and t.has_protection_file
