-- One row per child, service and quarter on whose last day the child waits for it.
-- key: child_id, service_type, quarter
--
-- A child that receives the service from one agency while another still lists it does not wait.
with waiting as (
    select
        child_id,
        service_type,
        quarter,
        min(asked_on) as asked_on,
        min(agency) as agency,
        arg_min(_address, agency || ask_id) as _address
    from gap.ask
    where is_open
    group by child_id, service_type, quarter
),
served as (
    select child_id, service_type, quarter, max(started_on) as started_on
    from gap.ask
    where started_on is not null
    group by child_id, service_type, quarter
    having bool_or(not is_open)
)
select
    w.child_id,
    w.service_type,
    w.quarter,
    w.asked_on,
    w.agency,
    md5(concat_ws('|', w.child_id, w.service_type))[:16] as unit_id,
    d.area,
    d.municipality,
    w._address
from waiting as w
join gap.child as d on d.child_id = w.child_id and d.quarter = w.quarter
left join served as s
    on s.child_id = w.child_id and s.service_type = w.service_type and s.quarter = w.quarter
-- What was asked for after the newest start is another wait.
where s.started_on is null or w.asked_on > s.started_on
