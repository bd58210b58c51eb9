-- Makes, from link.tie (what ties clients to households) and child_of (the child of each node), the
-- pairs of children that may be one family, each with what they share.

-- A child's ties over all of its clients and quarters. A value that ties more than twelve children is an
-- office, a shelter or a school and ties nobody.
create or replace table tie_spelled as
select c.child, t.kind, t.value, true as is_exact, t.is_first
from tie as t
join child_of as c on c.node = t.node
union all
-- A caregiver's nickname, and names that sound alike, are one name more faintly.
select c.child, t.kind, root || ' ' || split_part(t.value, ' ', 2), false, t.is_first
from (
    select t.*, unnest(n.roots) as root
    from tie as t
    join nickname as n on n.name = split_part(t.value, ' ', 1)
    where t.kind = 'caregiver'
) as t
join child_of as c on c.node = t.node
union all
select c.child, t.kind, 'sound ' || link_sound(split_part(t.value, ' ', 1)) || ' ' || link_sound(split_part(t.value, ' ', 2)), false, t.is_first
from tie as t
join child_of as c on c.node = t.node
where t.kind = 'caregiver'
union all
select c.child, t.kind, 'sound ' || link_sound(t.value), false, t.is_first
from tie as t
join child_of as c on c.node = t.node
where t.kind = 'surname';

create or replace table child_tie as
select
    child,
    kind,
    if(kind = 'household', split_part(value, ' ', 1), '') as agency,
    hash(kind, value) as value,
    bool_or(is_exact) as is_exact,
    bool_or(is_first) as is_first
from tie_spelled
group by all;

create or replace table child_count as select greatest(2, count(distinct child)) as children from child_of;

create or replace table tie_value as
select t.kind, t.value, count(distinct t.child)::integer as children, greatest(1, count(distinct s.value))::integer as surnames
from child_tie as t
left join child_tie as s on s.child = t.child and s.kind = 'surname' and s.is_exact
group by t.kind, t.value
having count(distinct t.child) <= 12 or t.kind in ('surname', 'postal');

-- What two children can share, with how rare it is.
create or replace table tie_useful as
select
    t.child,
    t.kind,
    t.value,
    t.is_exact,
    t.is_first,
    v.children,
    case when t.kind in ('surname', 'postal') then log2(n.children / v.children) else -log2(v.surnames) end::float as bits
from child_tie as t
join tie_value as v on v.kind = t.kind and v.value = t.value
cross join child_count as n
where v.children > 1 and t.kind <> 'care';

-- Children worth comparing share one tie of a household, or the surname and the postal code.
create or replace table surname_at as
select p.child, hash(p.value, s.value) as value
from tie_useful as p
join tie_useful as s on s.child = p.child
where p.kind = 'postal' and s.kind = 'surname';

create or replace table surname_at_few as
select value from surname_at group by value having count(*) between 2 and 12;

create or replace table family_candidate as
select l.child as l, r.child as r
from tie_useful as l
join tie_useful as r on r.value = l.value and r.kind = l.kind and r.child > l.child
where l.kind not in ('surname', 'postal')
union
select l.child, r.child
from surname_at as l
join surname_at_few as f on f.value = l.value
join surname_at as r on r.value = l.value and r.child > l.child;

create or replace table family_shared as
select c.l, c.r, a.kind, bool_or(a.is_first and b.is_first and a.is_exact and b.is_exact) as is_home, max(a.bits) as bits
from family_candidate as c
join tie_useful as a on a.child = c.l
join tie_useful as b on b.child = c.r and b.kind = a.kind and b.value = a.value
group by c.l, c.r, a.kind;

-- Both have something of the kind, so that sharing nothing means something. Household numbers only mean
-- something within one agency.
create or replace table family_known as
select distinct c.l, c.r, l.kind
from family_candidate as c
join child_tie as l on l.child = c.l
join child_tie as r on r.child = c.r and r.kind = l.kind and r.agency = l.agency
where l.kind <> 'care';

create or replace table family_pair as
select
    k.l,
    k.r,
    k.kind,
    case when s.kind is null then 3 when s.is_home then 1 else 2 end as level,
    coalesce(s.bits, 0) as bits
from family_known as k
left join family_shared as s on s.l = k.l and s.r = k.r and s.kind = k.kind
order by k.l, k.r, k.kind;
