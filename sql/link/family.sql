-- One row per child with the id of its family, the child by its first node.
-- key: node
-- assert: regexp_full_match(family_id, 'F[0-9]{6,}[0-9X]')
--
-- Ids are handed out as those of children are (link/child.sql).
with registered as (
    select
        g.first_node,
        min(r.id) as id
    from fact.id_register as r
    join link.node as n
        on n.agency = r.agency and n.client_local_id = r.client_local_id
        and r.kind = if(n.is_alone, 'family_alone', 'family')
    join link.child as c on c.node = n.node
    join link.family_group as g on g.node = c.first_node
    group by g.first_node
),
held as (
    select id, min(first_node) as first_node from registered group by id
),
counted as (
    select
        g.first_node,
        row_number() over (order by g.first_node) + coalesce((
            select max(cast(regexp_extract(id, '^F([0-9]+)[0-9X]$', 1) as bigint))
            from fact.id_register
            where id similar to 'F[0-9]+[0-9X]'), 0) as number
    from (select distinct first_node from link.family_group) as g
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
    coalesce(h.id, 'F' || c.digits || if(c.rest = 10, 'X', cast(c.rest as varchar))) as family_id
from link.family_group as g
left join held as h on h.first_node = g.first_node
left join checked as c on c.first_node = g.first_node
