-- One row per client and the first client with the same exact key.
-- key: left_node, right_node
--
-- Keys: given name, surname and birth date; given name, birth date and one fact of the home (a
-- changed surname); given name, surname and one fact of the home (a mistyped birth date). Facts of
-- the home: postal code, street, telephone, a caregiver's telephone or full name.
with home as (
    select agency, client_local_id, 'postal ' || postal as fact
    from link.record
    where postal is not null
    union
    select agency, client_local_id, 'street ' || street from link.record where street is not null
    union
    select agency, client_local_id, 'phone ' || phone from link.record where phone is not null
    union
    select agency, client_local_id, 'phone ' || phone from link.guardian
    union
    select agency, client_local_id, 'guardian ' || given || ' ' || family from link.guardian
),
named as (
    select distinct agency, client_local_id, given, family, birth_date
    from link.record
    where given is not null
),
keyed as (
    select agency, client_local_id, concat_ws('|', given, family, birth_date) as key
    from named
    where family is not null and birth_date is not null
    union
    select n.agency, n.client_local_id, concat_ws('|', n.given, n.birth_date, h.fact)
    from named as n
    join home as h on h.agency = n.agency and h.client_local_id = n.client_local_id
    where n.birth_date is not null
    union
    select n.agency, n.client_local_id, concat_ws('|', n.given, n.family, h.fact)
    from named as n
    join home as h on h.agency = n.agency and h.client_local_id = n.client_local_id
    where n.family is not null
),
hub as (
    select n.node as left_node, min(n.node) over (partition by k.key) as right_node
    from keyed as k
    join link.node as n
        on n.agency = k.agency and n.client_local_id = k.client_local_id and not n.is_alone
)
select distinct
    left_node,
    right_node
from hub
where left_node <> right_node
