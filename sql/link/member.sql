-- One row per node: the child and the family that it belongs to, and where it counts.
-- key: node
--
-- What is asked of one record or of one family is a row or a few of this table. Name, birth date and consent are those
-- of the client's newest quarter; a quarter in which the client counts belongs to the node by which it does.
with newest as (
    select agency, client_local_id, max(quarter) as quarter
    from link.client_consent
    group by agency, client_local_id
),
counted as (
    select
        c.agency,
        c.client_local_id,
        not k.is_linkable as is_alone,
        list(c.quarter order by c.quarter) as counted_in
    from core.client as c
    join link.client_family as f
        on f.agency = c.agency and f.client_local_id = c.client_local_id and f.quarter = c.quarter
    join link.client_consent as k
        on k.agency = c.agency and k.client_local_id = c.client_local_id and k.quarter = c.quarter
    where c.is_active and f.is_counted
    group by c.agency, c.client_local_id, k.is_linkable
)
select
    n.node,
    n.agency,
    n.client_local_id,
    n.is_alone,
    c.child_id,
    c.first_node,
    f.family_id,
    f.first_node as family_node,
    k.has_consent,
    p.given_name,
    p.family_name,
    p.birth_date,
    q.counted_in
from link.node as n
join link.child as c on c.node = n.node
join link.family as f on f.node = c.first_node
join newest as w on w.agency = n.agency and w.client_local_id = n.client_local_id
join link.client_consent as k
    on k.agency = w.agency and k.client_local_id = w.client_local_id and k.quarter = w.quarter
join core.client as p
    on p.agency = w.agency and p.client_local_id = w.client_local_id and p.quarter = w.quarter
left join counted as q
    on q.agency = n.agency and q.client_local_id = n.client_local_id and q.is_alone = n.is_alone
-- What is asked of one client reads a few blocks, for its rows lie together.
order by n.agency, n.client_local_id, n.is_alone
