-- One row per need of a client with an open file in the quarter that is met.
-- measure: need_received
-- kind: count
-- unit: need
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 502
-- by: service_type
-- evidence: need.service_type, need.status
-- label: Needs met
-- label_fr: Besoins comblés
-- definition: Needed services that the child receives, as the files tell at the end of the quarter; also
-- definition: needs identified before it.
-- definition_fr: Services requis que l'enfant reçoit selon les fichiers de la fin du trimestre, y compris
-- definition_fr: les besoins constatés auparavant.
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
    cast(null as double) as value,
    _address
from gap.need
where status = 'received'
