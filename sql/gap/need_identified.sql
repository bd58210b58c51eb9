-- One row per need of a client with an open file in the quarter that was identified in it.
-- measure: need_identified
-- kind: count
-- unit: need
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 501
-- by: service_type
-- evidence: need.service_type, need.identified_on
-- label: Needs identified
-- label_fr: Besoins constatés
-- definition: Services that children were found to need in the quarter; one child and one service
-- definition: count once, whatever number of agencies tell of it.
-- definition_fr: Services dont le besoin a été constaté au trimestre; un enfant et un service comptent
-- definition_fr: une fois, quel que soit le nombre d'organismes qui en font état.
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
where is_new
