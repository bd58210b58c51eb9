-- One row per service with places in a municipality.
-- measure: supply_places
-- kind: sum
-- unit: place
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 523
-- by: service_type
-- evidence: capacity.places
-- label: Places of local services
-- label_fr: Places dans les services locaux
-- definition: Places of services in the municipality, as last counted on or before the last day of the
-- definition: quarter, by the register.
-- definition_fr: Places dans les services de la municipalité, selon le dernier dénombrement au registre fait
-- definition_fr: au plus tard au dernier jour du trimestre.
-- breakdown: service_type | Service | Service
-- list: service_type
-- cites: derived from CSP guidelines 2017, part 8 (locally available services)
select
    unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    service_type,
    counted,
    left_out_by,
    value,
    _address
from measure.service_places
