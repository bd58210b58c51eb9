-- One row per need of a client with an open file in the quarter for which there is no service.
-- measure: need_not_available
-- kind: count
-- unit: need
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 504
-- by: service_type
-- evidence: need.service_type, need.status
-- label: Needs without a service
-- label_fr: Besoins sans service
-- definition: Needed services that are not available to the child, as the files tell at the end of the
-- definition: quarter.
-- definition_fr: Services requis qui ne sont pas offerts à l'enfant, selon les fichiers de la fin du
-- definition_fr: trimestre.
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
where status = 'not_available'
