-- One row per caregiver of a client that may be linked, in one spelling.
-- key: agency, client_local_id, given, family, phone
--
-- Foster parents stay out: a foster home is not a family.
with spelled as (
    select
        g.agency,
        g.client_local_id,
        regexp_replace(
            lower(strip_accents(split_part(trim(g.given_name), ' ', 1))),
            '[^a-z]', '', 'g') as given,
        regexp_replace(lower(strip_accents(g.family_name)), '[^a-z]', '', 'g') as family,
        right(regexp_replace(g.phone, '[^0-9]', '', 'g'), 7) as phone
    from core.caregiver as g
    join link.record as r
        on r.agency = g.agency and r.client_local_id = g.client_local_id and r.quarter = g.quarter
    where g.relationship is distinct from 'foster_parent' and not r.is_in_care
)
select distinct
    agency,
    client_local_id,
    given,
    family,
    phone
from spelled
where given <> '' and family <> '' and length(phone) = 7 and phone <> repeat(left(phone, 1), 7)
