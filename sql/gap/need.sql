-- One row per need of a client with an open file in the quarter, and whether it speaks for its child.
-- key: need_id, quarter
-- assert: (left_out_by is null) = counted
--
-- A child's need for one service counts once, however many agencies tell of it: the need identified
-- last speaks for it.
with told as (
    select
        n.need_id,
        n.quarter,
        n.agency,
        c.child_id,
        md5(concat_ws('|', c.child_id, coalesce(n.service_type, '')))[:16] as unit_id,
        n.service_type,
        n.status,
        n.reason,
        n.identified_on,
        c.is_counted,
        c.left_out_by,
        coalesce(n.identified_on between q.starts_on and q.ends_on, false) as is_new,
        n._address
    from core.need as n
    join core.quarter as q on q.quarter = n.quarter
    join gap.client as c
        on c.agency = n.agency and c.client_local_id = n.client_local_id and c.quarter = n.quarter
),
-- Few needs are told of twice, and only those have an order.
repeated as (
    select unit_id, quarter, is_counted, bool_or(is_new) as is_new
    from told
    group by unit_id, quarter, is_counted
    having count(*) > 1
),
ranked as (
    select
        t.need_id,
        t.quarter,
        r.is_new,
        row_number() over (
            partition by t.unit_id, t.quarter, t.is_counted
            order by t.identified_on desc nulls last, t.agency, t.need_id
        ) as place
    from told as t
    join repeated as r
        on r.unit_id = t.unit_id and r.quarter = t.quarter and r.is_counted = t.is_counted
)
select
    t.need_id,
    t.quarter,
    t.agency,
    t.child_id,
    t.unit_id,
    t.service_type,
    t.status,
    t.reason,
    coalesce(r.is_new, t.is_new) as is_new,
    t.is_counted and coalesce(r.place = 1, true) as counted,
    case when not t.is_counted then t.left_out_by when r.place > 1 then 'told_twice' end as left_out_by,
    d.area,
    d.municipality,
    t._address
from told as t
left join ranked as r on r.need_id = t.need_id and r.quarter = t.quarter
left join gap.child as d on d.child_id = t.child_id and d.quarter = t.quarter
