-- One row per node, quarter and tie to a household.
-- key: node, quarter, kind, value, is_first
--
-- Ties are telephones, e-mails, caregivers, addresses, the agency's own household number, the surname.
-- is_first marks what is the child's own home: its address and telephone, and the caregiver named first.
-- The second caregiver may live elsewhere. Foster parents are no tie, nor is where a child in care lives;
-- a child whose caregiver is a foster parent is in care.
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
        link_given(g.given_name) || ' ' || link_family(g.family_name) as name,
        link_phone(g.phone) as phone,
        link_email(g.email) as email,
        row_number() over (
            partition by l.node, l.quarter
            order by coalesce(g.is_primary, false) desc, g.caregiver_number
        ) = 1 as is_first
    from core.caregiver as g
    join linkable as l
        on l.agency = g.agency and l.client_local_id = g.client_local_id and l.quarter = g.quarter
    where g.relationship is distinct from 'foster_parent'
),
home as (
    select
        l.node,
        l.quarter,
        link_street_number(l.street_address) || ' ' || link_street_name(l.street_address)
            || coalesce(' ' || link_unit(l.street_address), '') as street,
        link_postal(l.postal_code) as postal,
        link_city(l.municipality) as city,
        link_phone(l.phone) as phone,
        link_email(l.email) as email
    from linkable as l
    anti join fostered as f
        on f.agency = l.agency and f.client_local_id = l.client_local_id and f.quarter = l.quarter
),
found as (
    select node, quarter, 'household' as kind, agency || ' ' || nullif(trim(family_local_id), '') as value, true as is_first
    from linkable
    union all
    select node, quarter, 'surname', link_family(family_name), true from linkable
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
