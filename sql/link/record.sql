-- One row per client and quarter that may be linked, with its identity in one spelling.
-- key: agency, client_local_id, quarter
--
-- Letters only, without accents; the last seven digits of a telephone, for area codes are left out
-- here and there; values that a system writes for none are none.
with spelled as (
    select
        c.agency,
        c.client_local_id,
        c.quarter,
        regexp_replace(
            lower(strip_accents(split_part(trim(c.given_name), ' ', 1))),
            '[^a-z]', '', 'g') as given,
        regexp_replace(lower(strip_accents(c.family_name)), '[^a-z]', '', 'g') as family,
        case when c.birth_date > date '1905-01-01' then c.birth_date end as birth_date,
        regexp_replace(upper(c.postal_code), '[^A-Z0-9]', '', 'g') as postal,
        right(regexp_replace(c.phone, '[^0-9]', '', 'g'), 7) as phone,
        regexp_replace(lower(strip_accents(c.street_address)), '[^a-z0-9]', '', 'g') as street,
        nullif(trim(c.family_local_id), '') as household,
        coalesce(c.placement in ('foster_care', 'kinship_care', 'group_care'), false) as is_in_care
    from core.client as c
    join link.client_consent as k
        on k.agency = c.agency and k.client_local_id = c.client_local_id and k.quarter = c.quarter
    where k.is_linkable
)
select
    agency,
    client_local_id,
    quarter,
    nullif(given, '') as given,
    nullif(family, '') as family,
    birth_date,
    case when length(postal) = 6 then postal end as postal,
    -- One digit seven times is no telephone.
    case when length(phone) = 7 and phone <> repeat(left(phone, 1), 7) then phone end as phone,
    case when length(street) > 5 then street end as street,
    household,
    is_in_care
from spelled
