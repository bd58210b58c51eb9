-- One row per child, service and quarter on whose last day the child waits for it.
-- key: child_id, service_type, quarter
--
-- A child that receives the service from one agency while another still lists it does not wait.
with row_of as (
    select
        a.child_id,
        a.service_type,
        a.quarter,
        bool_or(a.is_open) as is_open,
        bool_or(not a.is_open and a.started_on is not null) as is_served,
        min(a.asked_on) filter (a.is_open) as asked_on,
        max(a.started_on) as started_on,
        min(a.agency) filter (a.is_open) as agency,
        arg_min(a._address, a.agency || a.ask_id) filter (a.is_open) as _address
    from gap.ask as a
    group by a.child_id, a.service_type, a.quarter
)
select
    r.child_id,
    r.service_type,
    r.quarter,
    r.asked_on,
    r.agency,
    md5(concat_ws('|', r.child_id, r.service_type))[:16] as unit_id,
    d.area,
    d.municipality,
    r._address
from row_of as r
join gap.child as d on d.child_id = r.child_id and d.quarter = r.quarter
-- What was asked for after the newest start is another wait.
where r.is_open and (not r.is_served or r.asked_on > r.started_on)
