-- One row per child and service waited for on the last day of the quarter.
-- measure: wait_queue
-- kind: count
-- unit: need
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 512
-- by: service_type
-- evidence: wait.joined_on, need.identified_on, service.requested_on
-- label: Waiting for a service
-- label_fr: En attente d'un service
-- definition: Services that children wait for on the last day of the quarter, as needs, services and
-- definition: waiting lists tell; one child and one service count once.
-- definition_fr: Services que des enfants attendent le dernier jour du trimestre, selon les besoins, les
-- definition_fr: services et les listes d'attente; un enfant et un service comptent une fois.
-- breakdown: service_type | Service | Service
-- list: service_type
-- cites: derived from CSP guidelines 2017, part 8 (waitlist and wait times)
select
    unit_id,
    quarter,
    agency,
    agency as employer,
    area,
    municipality,
    child_id,
    service_type,
    true as counted,
    cast(null as varchar) as left_out_by,
    cast(null as double) as value,
    _address
from gap.open_wait
