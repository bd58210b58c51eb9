-- One row per node that may be linked: a client's identity in one spelling, newest first.
-- key: node
--
-- The newest value stands; earlier ones stay as other forms (a former surname, a former address).
-- Caregivers' telephones and e-mails are the household's. Foster parents stay out, and so does where a
-- child in care lives: a foster home is not a family. Each spelling is taken apart once, for that takes long.
with linkable as (
    select
        n.node,
        c.*,
        q.ends_on,
        coalesce(c.placement in ('foster_care', 'kinship_care', 'group_care'), false) as is_in_care
    from core.client as c
    join core.quarter as q on q.quarter = c.quarter
    join link.client_consent as k
        on k.agency = c.agency and k.client_local_id = c.client_local_id and k.quarter = c.quarter
    join link.node as n
        on n.agency = c.agency and n.client_local_id = c.client_local_id and not n.is_alone
    where k.is_linkable
),
given as (
    select words, link_given(words) as name, link_given_rest(words) as rest, link_given_parts(words) as parts
    from (
        select given_name as words from linkable
        union
        select preferred_name from linkable
        union
        select given_name from core.caregiver
    )
),
family as (
    select words, link_family(words) as name, link_family_parts(words) as parts
    from (
        select family_name as words from linkable
        union
        select family_name_at_birth from linkable
        union
        select family_name from core.caregiver
    )
),
address as (
    select words, link_street_number(words) as number, link_street_name(words) as street, link_unit(words) as unit
    from (select distinct street_address as words from linkable)
),
phone as (
    select words, link_phone(words) as number
    from (
        select phone as words from linkable
        union
        select phone from core.caregiver
    )
),
carer as (
    select
        l.node,
        list(distinct g.phone order by g.phone) filter (where g.phone is not null) as phones,
        list(distinct g.email order by g.email) filter (where g.email is not null) as emails,
        list(distinct g.name order by g.name) filter (where g.name is not null) as names
    from linkable as l
    join (
        select
            c.agency,
            c.client_local_id,
            c.quarter,
            p.number as phone,
            link_email(c.email) as email,
            n.name || ' ' || f.name as name
        from core.caregiver as c
        left join phone as p on p.words = c.phone
        left join given as n on n.words = c.given_name
        left join family as f on f.words = c.family_name
        where c.relationship is distinct from 'foster_parent'
    ) as g on g.agency = l.agency and g.client_local_id = l.client_local_id and g.quarter = l.quarter
    where not l.is_in_care
    group by l.node
),
spelled as (
    select
        l.node,
        l.agency,
        l.quarter,
        g.name as given,
        nullif(concat_ws(' ', g.rest, link_given_words(l.middle_names, ' ')), '') as given_rest,
        p.name as preferred,
        g.parts as given_parts,
        f.name as family,
        list_concat(f.parts, b.parts, [f.name, b.name]) as family_parts,
        case when l.birth_date > date '1905-01-01' and l.birth_date <= l.ends_on then
            case l.birth_date_precision
                when 'day' then strftime(l.birth_date, '%Y%m%d')
                when 'month' then strftime(l.birth_date, '%Y%m')
                else strftime(l.birth_date, '%Y')
            end
        end as birth_digits,
        l.birth_date_precision = 'age' as is_age,
        case when l.sex <> 'unknown' then l.sex end as sex,
        case when not l.is_in_care then link_postal(l.postal_code) end as postal,
        case when not l.is_in_care then a.number end as street_number,
        case when not l.is_in_care then a.street end as street,
        case when not l.is_in_care then a.unit end as unit,
        case when not l.is_in_care then link_city(l.municipality) end as city,
        case when not l.is_in_care then t.number end as phone,
        case when not l.is_in_care then link_email(l.email) end as email,
        link_health_number(l.health_number) as identifier,
        nullif(trim(l.family_local_id), '') as household,
        l.is_in_care
    from linkable as l
    left join given as g on g.words = l.given_name
    left join given as p on p.words = l.preferred_name
    left join family as f on f.words = l.family_name
    left join family as b on b.words = l.family_name_at_birth
    left join address as a on a.words = l.street_address
    left join phone as t on t.words = l.phone
)
select
    s.node,
    s.agency as source,
    arg_max(s.given, s.quarter) as given,
    arg_max(s.given_rest, s.quarter) as given_rest,
    list_sort(list_distinct(list_filter(list_concat(list(s.given), list(s.preferred), flatten(list(s.given_parts))), lambda x: x is not null))) as given_other,
    arg_max(s.family, s.quarter) as family,
    list_sort(list_distinct(list_filter(flatten(list(s.family_parts)), lambda x: x is not null))) as family_parts,
    arg_max(s.birth_digits, s.quarter) as birth_digits,
    coalesce(arg_max(s.is_age, s.quarter) filter (where s.birth_digits is not null), false) as is_age,
    arg_max(s.sex, s.quarter) as sex,
    arg_max(s.postal, s.quarter) as postal,
    arg_max(s.street_number, s.quarter) filter (where s.street is not null) as street_number,
    arg_max(s.street, s.quarter) as street,
    arg_max(s.unit, s.quarter) as unit,
    arg_max(s.city, s.quarter) as city,
    list_sort(list_distinct(list_filter(list_concat(list(s.phone), any_value(c.phones)), lambda x: x is not null))) as phones,
    list_sort(list_distinct(list_filter(list_concat(list(s.email), any_value(c.emails)), lambda x: x is not null))) as emails,
    any_value(c.names) as caregivers,
    max(s.identifier) as identifier,
    arg_max(s.household, s.quarter) as household,
    bool_or(s.is_in_care) as is_in_care
from spelled as s
left join carer as c on c.node = s.node
group by s.node, s.agency
