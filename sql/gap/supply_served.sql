-- One row per child, service, agency and quarter in which the agency served it.
-- measure: supply_served
-- kind: count
-- unit: need
-- basis: unique_in_period
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 521
-- by: service_type
-- evidence: service.started_on, service.status
-- label: Served
-- label_fr: Services reçus
-- definition: Services that children received on some day of the quarter, as the files of those who give
-- definition: them tell; one child and one service count once.
-- definition_fr: Services que des enfants ont reçus un jour du trimestre, selon les fichiers de ceux qui les
-- definition_fr: donnent; un enfant et un service comptent une fois.
-- rule: served_twice | Another agency serves the child too | Un autre organisme sert aussi l'enfant
-- breakdown: service_type | Service | Service
-- list: service_type
-- cites: derived from CSP guidelines 2017, part 8 (locally available services)
with first as (
    -- Few are served by two, and only those are joined.
    select child_id, service_type, quarter, min(agency) as agency
    from gap.served
    group by child_id, service_type, quarter
    having count(*) > 1
)
select
    md5(concat_ws('|', s.child_id, s.service_type))[:16] as unit_id,
    s.quarter,
    s.agency,
    s.agency as employer,
    s.area,
    s.municipality,
    s.child_id,
    s.service_type,
    coalesce(s.agency = f.agency, true) as counted,
    if(s.agency <> f.agency, 'served_twice', null) as left_out_by,
    cast(null as double) as value,
    s._address
from gap.served as s
left join first as f
    on f.child_id = s.child_id and f.service_type = s.service_type and f.quarter = s.quarter
