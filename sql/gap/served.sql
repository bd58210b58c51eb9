-- One row per child, service, agency and quarter in which the agency served it.
-- key: child_id, service_type, agency, quarter
--
-- A service is away from home when the register names it somewhere (local services, places) but not in
-- the municipality of the child; unknown where the register does not name it or the child has no place.
with offered as (
    select distinct quarter, service_type, municipality
    from core.local_service
    where municipality is not null and service_type is not null
    union
    select distinct c.quarter, c.service_type, c.municipality
    from core.capacity as c
    join core.quarter as q on q.quarter = c.quarter
    where c.municipality is not null and c.service_type is not null and c.places > 0
        and coalesce(c.counted_on <= q.ends_on, true)
),
listed as (
    select distinct quarter, service_type
    from offered
),
active as (
    select
        c.child_id,
        coalesce(s.service_type, 'unknown') as service_type,
        s.agency,
        s.quarter,
        sum(cast(s.hours as decimal(18, 4))) as hours,
        arg_min(s._address, s.service_id) as _address
    from core.service as s
    join core.quarter as q on q.quarter = s.quarter
    join gap.client as c
        on c.agency = s.agency and c.client_local_id = s.client_local_id and c.quarter = s.quarter
    where c.is_counted and s.status is distinct from 'waiting'
        and coalesce(s.started_on <= q.ends_on, s.status in ('active', 'ended'))
        and coalesce(s.ended_on >= q.starts_on, s.status is distinct from 'ended')
    group by c.child_id, coalesce(s.service_type, 'unknown'), s.agency, s.quarter
)
select
    a.child_id,
    a.service_type,
    a.agency,
    a.quarter,
    d.area,
    d.municipality,
    case when l.service_type is not null and d.municipality <> 'unknown' then o.municipality is null end
        as is_away,
    cast(a.hours as double) as hours,
    a._address
from active as a
join gap.child as d on d.child_id = a.child_id and d.quarter = a.quarter
left join listed as l on l.quarter = a.quarter and l.service_type = a.service_type
left join offered as o
    on o.quarter = a.quarter and o.service_type = a.service_type and o.municipality = d.municipality
