-- One row per wait of a child for a service: from the first asking to the service, or as far as known.
-- key: child_id, service_type, asked_on
-- assert: coalesce(started_on >= asked_on, true)
--
-- Who waits for one service at several agencies waits once, since the earliest day; what is asked for
-- after a start is another wait. A need that a file shows as waiting and a later one as met, without a
-- day, ended on the last day of the quarter of the later file: at most a quarter too late.
with met as (
    select
        child_id,
        service_type,
        ask_id,
        min(ends_on) filter (has_no_start) as met_on,
        min(ends_on) filter (is_open) as first_open_on
    from gap.ask
    group by child_id, service_type, ask_id
),
dated as (
    select distinct child_id, service_type, started_on
    from gap.ask
    where started_on is not null
),
start as (
    select child_id, service_type, started_on
    from dated
    union
    -- A day that another file tells is better than the quarter.
    select m.child_id, m.service_type, m.met_on
    from met as m
    asof left join dated as d
        on d.child_id = m.child_id and d.service_type = m.service_type and d.started_on <= m.met_on
    where m.met_on > m.first_open_on and coalesce(d.started_on <= m.first_open_on, true)
),
asking as (
    select child_id, service_type, asked_on, max(ends_on) filter (is_open) as last_open_on
    from gap.ask
    group by child_id, service_type, asked_on
),
spell as (
    select
        a.child_id,
        a.service_type,
        min(a.asked_on) as asked_on,
        max(a.last_open_on) as last_open_on
    from asking as a
    asof left join start as s
        on s.child_id = a.child_id and s.service_type = a.service_type and s.started_on < a.asked_on
    group by a.child_id, a.service_type, s.started_on
)
select
    p.child_id,
    p.service_type,
    p.asked_on,
    s.started_on,
    p.last_open_on
from spell as p
asof left join start as s
    on s.child_id = p.child_id and s.service_type = p.service_type and s.started_on >= p.asked_on
-- Met from the first file on, without a day: how long it took is not known.
where p.last_open_on is not null or s.started_on is not null
