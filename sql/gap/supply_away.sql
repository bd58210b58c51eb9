-- One row per child, service and quarter served in a service that the register places.
-- measure: supply_away
-- kind: share
-- unit: need
-- basis: unique_in_period
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 524
-- by: service_type
-- evidence: service.started_on, local_service.municipality, capacity.municipality
-- label: Share served away from home
-- label_fr: Part servie hors de la municipalité
-- definition: Of the services that children receive and that the register places somewhere, the share
-- definition: whose service the register does not place in the municipality where the child lives.
-- definition_fr: Part des services reçus, parmi ceux que le registre situe quelque part, que le registre ne
-- definition_fr: situe pas dans la municipalité où vit l'enfant.
-- rule: served_twice | Another agency serves the child too | Un autre organisme sert aussi l'enfant
-- breakdown: service_type | Service | Service
-- list: service_type
-- cites: derived from CSP guidelines 2017, part 8 (locally available services)
with ranked as (
    select
        *,
        row_number() over (partition by child_id, service_type, quarter order by agency) = 1 as counted
    from gap.served
    where is_away is not null
)
select
    md5(concat_ws('|', child_id, service_type))[:16] as unit_id,
    quarter,
    agency,
    agency as employer,
    area,
    municipality,
    child_id,
    service_type,
    counted,
    if(counted, null, 'served_twice') as left_out_by,
    cast(if(is_away, 1, 0) as double) as value,
    _address
from ranked
