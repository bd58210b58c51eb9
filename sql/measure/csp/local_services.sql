-- One row per service that somebody offers in a municipality.
-- measure: local_services
-- kind: count
-- unit: entry
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 442
-- by: service_type
-- evidence: local_service.service_type
-- label: Services in the local list
-- label_fr: Services de la liste locale
-- definition: Entries of the list of local services: who offers which service in which
-- definition: municipality.
-- definition_fr: Inscriptions à la liste des services locaux : qui offre quel service dans quelle
-- definition_fr: municipalité.
-- breakdown: service_type | Service | Service
-- list: service_type
-- cites: derived from CSP guidelines 2017, part 8 (locally available services)
with placed as (
    select municipality, min(area) as area
    from stage.municipality
    group by municipality
)
select
    s.local_service_id as unit_id,
    s.quarter,
    s.agency,
    s.agency as employer,
    p.area,
    s.municipality,
    s.service_type,
    true as counted,
    cast(null as varchar) as left_out_by,
    cast(null as double) as value,
    s._address
from core.local_service as s
left join placed as p on p.municipality = s.municipality
