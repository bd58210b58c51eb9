-- One row per child and the first child of the same household by an exact key.
-- key: left_node, right_node
--
-- Keys: the agency's own household number; a caregiver's name and telephone; home telephone or
-- street address with the surname. The home of a child in care is not its family's. A key with more
-- than twelve children is an office's telephone or a shelter's address, no household.
with keyed as (
    select agency, client_local_id, concat_ws('|', 'household', agency, household) as key
    from link.record
    where household is not null
    union
    select agency, client_local_id, concat_ws('|', 'guardian', given, family, phone)
    from link.guardian
    union
    select agency, client_local_id, concat_ws('|', 'phone', phone, family)
    from link.record
    where phone is not null and family is not null and not is_in_care
    union
    select agency, client_local_id, concat_ws('|', 'street', street, postal, family)
    from link.record
    where street is not null and postal is not null and family is not null and not is_in_care
),
child as (
    select distinct k.key, c.first_node
    from keyed as k
    join link.node as n
        on n.agency = k.agency and n.client_local_id = k.client_local_id and not n.is_alone
    join link.child as c on c.node = n.node
),
hub as (
    select
        first_node as left_node,
        min(first_node) over (partition by key) as right_node,
        count(*) over (partition by key) as child_count
    from child
)
select distinct
    left_node,
    right_node
from hub
where left_node <> right_node and child_count <= 12
