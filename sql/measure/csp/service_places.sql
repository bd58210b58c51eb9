-- One row per service with places in a municipality.
-- measure: service_places
-- kind: sum
-- unit: place
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 441
-- by: service_type
-- evidence: capacity.places
-- label: Places of local services
-- label_fr: Places dans les services locaux
-- definition: Places of services in the area, as last counted on or before the last day of the
-- definition: quarter.
-- definition_fr: Places dans les services du secteur, selon le dernier dénombrement fait au plus
-- definition_fr: tard au dernier jour du trimestre.
-- breakdown: service_type | Service | Service
-- list: service_type
-- cites: derived from CSP guidelines 2017, part 8 (locally available services)
with placed as (
    select municipality, min(area) as area
    from stage.municipality
    group by municipality
)
select
    c.capacity_id as unit_id,
    c.quarter,
    c.agency,
    c.agency as employer,
    p.area,
    c.municipality,
    c.service_type,
    true as counted,
    cast(null as varchar) as left_out_by,
    c.places as value,
    c._address
from core.capacity as c
join core.quarter as q on q.quarter = c.quarter
left join placed as p on p.municipality = c.municipality
where c.places is not null and coalesce(c.counted_on <= q.ends_on, true)
