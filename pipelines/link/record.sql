-- Makes, from person (one row per record of a source, standardised), what pairs are found and compared
-- by. Runs in the engine's own memory; every statement is one idea.

-- The consonants of a name by how they sound, after its first sound (after Soundex, Russell 1918, with
-- the French and Slavic spellings of one sound together).
create or replace macro sound(name) as
    left(name, 1) || replace(replace(replace(replace(replace(replace(replace(translate(
            replace(replace(replace(replace(replace(substr(name, 2), 'ph', 'f'), 'ck', 'k'), 'sch', 's'), 'gn', 'n'), 'th', 't'),
            'bpfvcgjkqsxzdtlmnraeiouyhw', '11112222222233455600000000'), '11', '1'), '22', '2'), '33', '3'), '44', '4'), '55', '5'), '66', '6'), '0', '');

-- Records of one source that say the same stand once.
create or replace table clean as
select
    p.*,
    hash(given, given_rest, given_other, family, family_parts, birth_digits, is_age, sex, postal,
        street_number, street, unit, city, phones, emails, caregivers, identifier) as shape
from person as p;

create or replace table copy as
select node, min(node) over (partition by source, shape, given, family, birth_digits) as first_node
from clean
qualify node <> first_node;

-- Where January the first is far too common it stands for a day that nobody knew.
create or replace table overused_day as
select count(*) filter (where birth_digits like '%0101') > 5 + 2 * count(*) / 365 as is_overused
from clean
where length(birth_digits) = 8;

create or replace table single as
select
    c.* exclude (shape),
    case when not o.is_overused or c.birth_digits not like '%0101' then if(length(c.birth_digits) = 8, c.birth_digits, null) end as birth_text,
    left(c.birth_digits, 4)::smallint as birth_year,
    case when not o.is_overused or c.birth_digits not like '%0101' then nullif(substr(c.birth_digits, 5, 2), '')::smallint end as birth_month,
    case when not o.is_overused or c.birth_digits not like '%0101' then nullif(substr(c.birth_digits, 7, 2), '')::smallint end as birth_day
from clean as c
anti join copy as x on x.node = c.node
cross join overused_day as o;
drop table clean;

-- A telephone, e-mail or caregiver with many surnames is an office, a shelter, a placeholder.
create or replace table trait as
select distinct kind, value, node, family, family_parts
from (
    select 'phone' as kind, unnest(phones) as value, node, family, family_parts from single
    union all
    select 'email', unnest(emails), node, family, family_parts from single
    union all
    select 'caregiver', unnest(caregivers), node, family, family_parts from single
);

create or replace table shared_by_many as
select kind, value
from trait
group by kind, value
having count(distinct family) > if(kind = 'caregiver', 12, 8);

create or replace table trait_list as
select
    node,
    list(hash(value) order by value) filter (where kind = 'phone') as phones,
    list(hash(value) order by value) filter (where kind = 'email') as emails,
    min(value) filter (where kind = 'email') as email,
    list(hash(value) order by value) filter (where kind = 'caregiver') as caregivers,
    list(distinct hash(split_part(value, ' ', 1))) filter (where kind = 'caregiver') as caregiver_givens
from trait
anti join shared_by_many using (kind, value)
group by node;

-- How many people bear a value, counted over distinct people as far as anyone can tell: a child sent
-- by six agencies does not make its name common.
create or replace table given_count as
select given, count(distinct hash(family, birth_digits)) as people from single where given is not null group by given;

create or replace table family_count as
select family, count(distinct hash(given, birth_digits)) as people from single where family is not null group by family;

create or replace table place_count as
select kind, value, count(distinct hash(given, birth_digits)) as people
from (
    select 'street' as kind, hash(street_number, street) as value, given, birth_digits
    from single where street is not null and street_number is not null
    union all
    select 'postal', hash(postal), given, birth_digits from single where postal is not null
    union all
    select 'fsa', hash(left(postal, 3)), given, birth_digits from single where postal is not null
    union all
    select 'city', hash(city), given, birth_digits from single where city is not null
)
group by kind, value;

create or replace table total as
select
    (select greatest(1, sum(people)) from given_count) as given,
    (select greatest(1, sum(people)) from family_count) as family,
    (select greatest(1, sum(people)) from place_count where kind = 'street') as street,
    (select greatest(1, sum(people)) from place_count where kind = 'postal') as postal,
    (select greatest(1, sum(people)) from place_count where kind = 'city') as city;

create or replace table record as
select
    s.node,
    s.source,
    s.given,
    g.people::integer as given_count,
    log2(t.given / g.people)::float as given_bits,
    case when s.given is not null
        then list_transform(list_distinct(list_concat([s.given, s.given || split_part(s.given_rest, ' ', 1)], s.given_other, n.roots)),
            lambda x: hash(x)) end as given_keys,
    s.given_rest as middle,
    string_split(s.given_rest, ' ') as middle_keys,
    s.family,
    log2(t.family / f.people)::float as family_bits,
    list_transform(s.family_parts, lambda x: hash(x)) as family_keys,
    s.birth_text,
    s.birth_year,
    s.birth_month,
    s.birth_day,
    try_strptime(s.birth_text, '%Y%m%d')::date - date '1900-01-01' as birth_days,
    s.is_age,
    case when s.birth_text is not null
        then hash(s.birth_year, least(s.birth_month, s.birth_day), greatest(s.birth_month, s.birth_day)) end as birth_key,
    case when s.given is not null and s.family is not null
        then hash(least(s.given, s.family), greatest(s.given, s.family)) end as name_key,
    sound(s.given) as given_sound,
    sound(s.family) as family_sound,
    s.sex,
    s.postal,
    rpad(left(s.postal, 10), 10, ' ') as postal_text,
    log2(t.postal / pp.people)::float as postal_bits,
    s.street_number,
    s.street,
    log2(t.street / ps.people)::float as street_bits,
    s.city,
    log2(t.city / pc.people)::float as city_bits,
    log2(t.postal / pf.people)::float as fsa_bits,
    l.phones,
    l.emails,
    l.email,
    l.caregivers,
    l.caregiver_givens,
    s.identifier
from single as s
cross join total as t
left join given_count as g on g.given = s.given
left join family_count as f on f.family = s.family
left join place_count as ps on ps.kind = 'street' and s.street is not null and s.street_number is not null
    and ps.value = hash(s.street_number, s.street)
left join place_count as pp on pp.kind = 'postal' and pp.value = hash(s.postal)
left join place_count as pf on pf.kind = 'fsa' and pf.value = hash(left(s.postal, 3))
left join place_count as pc on pc.kind = 'city' and pc.value = hash(s.city)
left join nickname as n on n.name = s.given
left join trait_list as l on l.node = s.node
order by s.node;
