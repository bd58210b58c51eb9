-- One row per client and quarter: its child, and whether it counts among unduplicated children.
-- key: agency, client_local_id, quarter
-- assert: is_counted = (left_out_by is null)
with judged as (
    select
        k.agency,
        k.client_local_id,
        k.quarter,
        k.has_consent,
        ch.child_id,
        case
            when not k.is_linkable and k.linking_rule = 'exclude' then 'no_consent'
            when c.is_over_age then 'over_age'
        end as left_out_by
    from link.client_consent as k
    join core.client as c
        on c.agency = k.agency and c.client_local_id = k.client_local_id and c.quarter = k.quarter
    join link.node as n
        on n.agency = k.agency and n.client_local_id = k.client_local_id
        and n.is_alone = (not k.is_linkable)
    join link.child as ch on ch.node = n.node
)
select
    agency,
    client_local_id,
    quarter,
    child_id,
    has_consent,
    left_out_by is null as is_counted,
    left_out_by
from judged
