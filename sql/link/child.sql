-- One row per node with the id of its child.
-- key: node
-- assert: regexp_full_match(child_id, 'C[0-9]{6,}[0-9X]')
--
-- An id of the register stays with the group of its first holder. New ids are counted on, in the
-- order of the groups' first clients; the last sign is a check digit (weights 2, 3 ... from the
-- right, modulo 11).
with registered as (
    select
        g.first_node,
        min(r.id) as id
    from fact.id_register as r
    join link.node as n
        on n.agency = r.agency and n.client_local_id = r.client_local_id
        and r.kind = if(n.is_alone, 'child_alone', 'child')
    join link.child_group as g on g.node = n.node
    group by g.first_node
),
held as (
    select id, min(first_node) as first_node from registered group by id
),
counted as (
    select
        g.first_node,
        row_number() over (order by g.first_node) + coalesce((
            select max(cast(regexp_extract(id, '^C([0-9]+)[0-9X]$', 1) as bigint))
            from fact.id_register
            where id similar to 'C[0-9]+[0-9X]'), 0) as number
    from (select distinct first_node from link.child_group) as g
    left join held as h on h.first_node = g.first_node
    where h.id is null
),
checked as (
    select
        first_node,
        printf('%06d', number) as digits,
        list_sum([
            cast(digit as integer) * (place + 1)
            for digit, place in list_reverse(string_split(printf('%06d', number), ''))
        ]) % 11 as rest
    from counted
)
select
    g.node,
    g.first_node,
    coalesce(h.id, 'C' || c.digits || if(c.rest = 10, 'X', cast(c.rest as varchar))) as child_id
from link.child_group as g
left join held as h on h.first_node = g.first_node
left join checked as c on c.first_node = g.first_node
