-- One row per child, service, agency and quarter in which the agency served it.
-- measure: supply_agencies
-- kind: count
-- unit: agency
-- basis: unique_in_period
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 522
-- by: service_type
-- evidence: service.started_on, service.status
-- label: Agencies that serve
-- label_fr: Organismes qui servent
-- definition: Agencies that gave the service to a child of the place on some day of the quarter.
-- definition_fr: Organismes qui ont donné le service à un enfant du lieu un jour du trimestre.
-- breakdown: service_type | Service | Service
-- list: service_type
-- cites: derived from CSP guidelines 2017, part 8 (locally available services)
select
    agency as unit_id,
    quarter,
    agency,
    agency as employer,
    area,
    municipality,
    service_type,
    true as counted,
    cast(null as varchar) as left_out_by,
    cast(null as double) as value,
    _address
from gap.served
