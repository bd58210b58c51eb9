-- One row per node, quarter and tie to a household.
-- key: node, quarter, kind, value, is_first
--
-- Ties are telephones, e-mails, caregivers, addresses, the agency's own household number, the surname.
-- is_first marks what is the child's own home: its address and telephone, and the caregiver named first.
-- The second caregiver may live elsewhere. Foster parents are no tie, nor is where a child in care lives;
-- a child whose caregiver is a foster parent is in care. Each spelling is taken apart once, for that takes long.
with linkable as (
    select
        n.node,
        c.*
    from core.client as c
    join link.client_consent as k
        on k.agency = c.agency and k.client_local_id = c.client_local_id and k.quarter = c.quarter
    join link.node as n
        on n.agency = c.agency and n.client_local_id = c.client_local_id and not n.is_alone
    where k.is_linkable
),
given as (
    select words, link_given(words) as name
    from (select distinct given_name as words from core.caregiver)
),
family as (
    select words, link_family(words) as name
    from (
        select family_name as words from core.caregiver
        union
        select family_name from linkable
    )
),
address as (
    select words, link_street_number(words) || ' ' || link_street_name(words) || coalesce(' ' || link_unit(words), '') as street
    from (select distinct street_address as words from linkable)
),
phone as (
    select words, link_phone(words) as number
    from (
        select phone as words from core.caregiver
        union
        select phone from linkable
    )
),
fostered as (
    select distinct agency, client_local_id, quarter
    from core.caregiver
    where relationship = 'foster_parent'
    union
    select agency, client_local_id, quarter
    from core.client
    where placement in ('foster_care', 'kinship_care', 'group_care')
),
carer as (
    select
        l.node,
        l.quarter,
        n.name || ' ' || f.name as name,
        p.number as phone,
        link_email(g.email) as email,
        row_number() over (
            partition by l.node, l.quarter
            order by coalesce(g.is_primary, false) desc, g.caregiver_number
        ) = 1 as is_first
    from core.caregiver as g
    join linkable as l
        on l.agency = g.agency and l.client_local_id = g.client_local_id and l.quarter = g.quarter
    left join given as n on n.words = g.given_name
    left join family as f on f.words = g.family_name
    left join phone as p on p.words = g.phone
    where g.relationship is distinct from 'foster_parent'
),
home as (
    select
        l.node,
        l.quarter,
        a.street,
        link_postal(l.postal_code) as postal,
        link_city(l.municipality) as city,
        p.number as phone,
        link_email(l.email) as email
    from linkable as l
    left join address as a on a.words = l.street_address
    left join phone as p on p.words = l.phone
    anti join fostered as f
        on f.agency = l.agency and f.client_local_id = l.client_local_id and f.quarter = l.quarter
),
found as (
    select node, quarter, 'household' as kind, agency || ' ' || nullif(trim(family_local_id), '') as value, true as is_first
    from linkable
    union all
    select l.node, l.quarter, 'surname', f.name, true
    from linkable as l
    join family as f on f.words = l.family_name
    union all
    select node, quarter, 'caregiver', name, is_first from carer
    union all
    select node, quarter, 'telephone', phone, is_first from carer
    union all
    select node, quarter, 'e-mail', email, is_first from carer
    union all
    select node, quarter, 'telephone', phone, true from home
    union all
    select node, quarter, 'e-mail', email, true from home
    union all
    select node, quarter, 'address', street || ' ' || coalesce(postal, city), true from home
    union all
    select node, quarter, 'postal', postal, true from home
    union all
    select f.node, f.quarter, 'care', 'care', true
    from (select l.node, l.quarter from linkable as l semi join fostered as f
        on f.agency = l.agency and f.client_local_id = l.client_local_id and f.quarter = l.quarter) as f
)
select
    node,
    quarter,
    kind,
    value,
    bool_or(is_first) as is_first
from found
where value is not null and value <> ''
group by node, quarter, kind, value
