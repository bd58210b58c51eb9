-- One row per need of a client with an open file in the quarter whose state is known.
-- measure: need_unmet
-- kind: share
-- unit: need
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 505
-- by: service_type
-- evidence: need.service_type, need.status
-- label: Share of needs not met
-- label_fr: Part des besoins non comblés
-- definition: Of the needs whose state is known at the end of the quarter, the share that waits or for
-- definition: which there is no service.
-- definition_fr: Part des besoins, parmi ceux dont l'état est connu à la fin du trimestre, qui sont en
-- definition_fr: attente ou sans service.
-- rule: no_consent | No consent to link, and the agreement leaves such clients out | Aucun consentement au jumelage; l'entente exclut ces clients
-- rule: over_age | Past the age limit (21 unless set otherwise) | Au-delà de la limite d'âge (21 ans sauf réglage contraire)
-- rule: told_twice | Another file tells of the same need later | Un autre dossier fait état du même besoin plus tard
-- breakdown: service_type | Service | Service
-- list: service_type
-- cites: derived from CSP guidelines 2017, part 8; "Service Co-ordination Guidelines for Leeds & Grenville"; "Service Integration Guidelines for Kingston, Frontenac and Lennox & Addington"
select
    unit_id,
    quarter,
    agency,
    agency as employer,
    area,
    municipality,
    child_id,
    service_type,
    counted,
    left_out_by,
    cast(if(status = 'received', 0, 1) as double) as value,
    _address
from gap.need
where status is not null
