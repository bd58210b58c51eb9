-- One row per row of a file that tells, in a quarter, of a service asked for by a child that counts.
-- key: ask_id, quarter
--
-- Needs, services and waiting lists all tell of waits. A start is one that lies in the quarter or before
-- it; a need that is met without a day has none. On a waiting list only a day of leaving with an outcome
-- that names service is a start.
with told as (
    select
        need_id as ask_id,
        quarter,
        agency,
        client_local_id,
        service_type,
        identified_on as asked_on,
        if(status = 'received', resolved_on, null) as started_on,
        coalesce(status = 'waiting', false) as is_waiting,
        coalesce(status = 'received', false) as is_received,
        _address
    from core.need
    where status in ('waiting', 'received')
    union all
    select
        service_id,
        quarter,
        agency,
        client_local_id,
        service_type,
        requested_on,
        started_on,
        coalesce(status = 'waiting', started_on is null and ended_on is null),
        coalesce(status <> 'waiting', started_on is not null),
        _address
    from core.service
    where requested_on is not null
    union all
    select
        wait_id,
        quarter,
        agency,
        client_local_id,
        service_type,
        joined_on,
        if(lower(outcome) in ('started', 'served', 'service', 'received', 'accepted'), left_on, null),
        left_on is null,
        false,
        _address
    from core.wait
)
select
    t.ask_id,
    t.quarter,
    t.agency,
    c.child_id,
    coalesce(t.service_type, 'unknown') as service_type,
    t.asked_on,
    if(t.started_on between t.asked_on and q.ends_on, t.started_on, null) as started_on,
    -- A start or a leaving that lies after the quarter had not come yet.
    t.is_waiting or coalesce(t.started_on > q.ends_on, false) as is_open,
    t.is_received and t.started_on is null as has_no_start,
    q.ends_on,
    t._address
from told as t
join core.quarter as q on q.quarter = t.quarter
join gap.client as c
    on c.agency = t.agency and c.client_local_id = t.client_local_id and c.quarter = t.quarter
where c.is_counted and t.asked_on <= q.ends_on and t.asked_on > date '1905-01-01'
