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

-- Those that say three things may be put together where that is enough; whole ones are one child whatever
-- the rest of the file teaches; a birth date alone is nobody.
create or replace table repeated as
select source, shape, min(node) as first_node from clean group by source, shape having count(*) > 1;

-- Those that say three things may be put together where that is enough; whole ones are one child whatever
-- the rest of the file teaches; a birth date alone is nobody.
create or replace table copy as
select
    c.node,
    r.first_node,
    identifier is not null or (given is not null)::integer + (family is not null)::integer + (birth_digits is not null)::integer
        + (coalesce(street, postal, phones[1], emails[1], caregivers[1]) is not null)::integer > 2 as is_named,
    given is not null and family is not null and coalesce(length(birth_digits) = 8, false)
        and coalesce(identifier, street, postal, phones[1], emails[1], caregivers[1]) is not null as is_whole
from clean as c
join repeated as r on r.source = c.source and r.shape = c.shape
where c.node <> r.first_node;

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
select 'phone' as kind, unnest(phones) as value, node, family from single
union all
select 'email', unnest(emails), node, family from single
union all
select 'caregiver', unnest(caregivers), node, family from single;

create or replace table shared_by_many as
select kind, value
from trait
group by kind, value
having count(*) > 8 and count(distinct family) > if(kind = 'caregiver', 12, 8);

-- What is left of the lists that held one.
create or replace table trimmed as
select
    t.node,
    list(t.value order by t.value) filter (where t.kind = 'phone' and s.kind is null) as phones,
    list(t.value order by t.value) filter (where t.kind = 'email' and s.kind is null) as emails,
    list(t.value order by t.value) filter (where t.kind = 'caregiver' and s.kind is null) as caregivers
from trait as t
semi join (select distinct h.node from trait as h semi join shared_by_many as m on m.kind = h.kind and m.value = h.value) as a on a.node = t.node
left join shared_by_many as s on s.kind = t.kind and s.value = t.value
group by t.node;

create or replace table trait_list as
select
    s.node,
    nullif(if(t.node is null, s.phones, t.phones), []) as phones,
    nullif(if(t.node is null, s.emails, t.emails), []) as emails,
    nullif(if(t.node is null, s.caregivers, t.caregivers), []) as caregivers
from single as s
left join trimmed as t on t.node = s.node
where s.phones is not null or s.emails is not null or s.caregivers is not null;

-- How many people bear a value, counted over distinct people as far as anyone can tell: a child sent
-- by six agencies does not make its name common.
create or replace table given_count as
select given, count(distinct hash(family, birth_digits)) as people from single where given is not null group by given;

create or replace table family_count as
select family, count(distinct hash(given, birth_digits)) as people from single where family is not null group by family;

create or replace table street_count as
select hash(street_number, street) as value, count(distinct hash(given, birth_digits)) as people
from single
where street_number is not null and street is not null
group by value;

create or replace table postal_count as
select postal, count(distinct hash(given, birth_digits)) as people from single where postal is not null group by postal;

create or replace table fsa_count as
select left(postal, 3) as fsa, count(distinct hash(given, birth_digits)) as people from single where postal is not null group by fsa;

create or replace table city_count as
select city, count(distinct hash(given, birth_digits)) as people from single where city is not null group by city;

create or replace table total as
select
    (select greatest(1, sum(people)) from given_count) as given,
    (select greatest(1, sum(people)) from family_count) as family,
    (select greatest(1, sum(people)) from street_count) as street,
    (select greatest(1, sum(people)) from postal_count) as postal,
    (select greatest(1, sum(people)) from city_count) as city;

-- A list stands as its first few members, for pairs compare numbers much faster than lists, and as a
-- signature of one bit a member: two without a common bit have no common member.
create or replace macro signature(hashes) as
    list_bit_or(list_transform(hashes, lambda x: 1::ubigint << (x & 63)::ubigint));

create or replace table record as
select
    r.*,
    signature([r.given_hash]) as given_hash_bits,
    signature(r.given_keys[1:4]) as given_keys_bits,
    r.given_keys[1] as given_keys_1, r.given_keys[2] as given_keys_2, r.given_keys[3] as given_keys_3, r.given_keys[4] as given_keys_4,
    signature(r.family_keys[1:4]) as family_keys_bits,
    r.family_keys[1] as family_keys_1, r.family_keys[2] as family_keys_2, r.family_keys[3] as family_keys_3, r.family_keys[4] as family_keys_4,
    signature(r.middle_keys[1:3]) as middle_keys_bits,
    r.middle_keys[1] as middle_keys_1, r.middle_keys[2] as middle_keys_2, r.middle_keys[3] as middle_keys_3,
    signature(r.phones[1:4]) as phones_bits,
    r.phones[1] as phones_1, r.phones[2] as phones_2, r.phones[3] as phones_3, r.phones[4] as phones_4,
    signature(r.emails[1:2]) as emails_bits,
    r.emails[1] as emails_1, r.emails[2] as emails_2,
    signature(r.caregivers[1:3]) as caregivers_bits,
    r.caregivers[1] as caregivers_1, r.caregivers[2] as caregivers_2, r.caregivers[3] as caregivers_3,
    signature(r.caregiver_givens[1:3]) as caregiver_givens_bits,
    r.caregiver_givens[1] as caregiver_givens_1, r.caregiver_givens[2] as caregiver_givens_2, r.caregiver_givens[3] as caregiver_givens_3
from (
select
    s.node,
    s.source,
    s.given,
    hash(s.given) as given_hash,
    g.people::integer as given_count,
    log2(t.given / g.people)::float as given_bits,
    case when s.given is not null
        then list_transform(list_distinct(list_concat([s.given, s.given || split_part(s.given_rest, ' ', 1)], s.given_other, n.roots)),
            lambda x: hash(x)) end as given_keys,
    s.given_rest as middle,
    list_transform(string_split(s.given_rest, ' '), lambda x: hash(x)) as middle_keys,
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
    ps.people::integer as street_people,
    s.city,
    log2(t.city / pc.people)::float as city_bits,
    log2(t.postal / pf.people)::float as fsa_bits,
    list_transform(l.phones, lambda x: hash(x)) as phones,
    list_transform(l.emails, lambda x: hash(x)) as emails,
    l.emails[1] as email,
    list_transform(l.caregivers, lambda x: hash(x)) as caregivers,
    list_transform(l.caregivers, lambda x: hash(split_part(x, ' ', 1))) as caregiver_givens,
    s.identifier
from single as s
cross join total as t
left join given_count as g on g.given = s.given
left join family_count as f on f.family = s.family
left join street_count as ps on ps.value = case when s.street_number is not null and s.street is not null then hash(s.street_number, s.street) end
left join postal_count as pp on pp.postal = s.postal
left join fsa_count as pf on pf.fsa = left(s.postal, 3)
left join city_count as pc on pc.city = s.city
left join nickname as n on n.name = s.given
left join trait_list as l on l.node = s.node
) as r
order by r.node
