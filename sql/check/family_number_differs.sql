-- One row per client whose home bears several family numbers.
-- check: family_number_differs
-- class: case
-- severity: note
-- name: One home under two family numbers
-- name_fr: Un foyer sous deux numéros de famille
-- fix: give children of one family one family number
-- fix_fr: donnez un seul numéro de famille aux enfants d'une même famille
--
-- basis: domain.md 1.9 D03 (families are counted)
-- applies: clients with a family number, surname, street address and telephone
select
    t.agency,
    t.quarter,
    'family_local_id' as column_name,
    'a child of the same surname, street and telephone has another family number' as detail,
    t._address
from stage.client as t
where t.is_superseded is not true
    and t.family_local_id is not null
    and t.family_name is not null
    and t.street_address is not null
    and t.phone is not null
qualify min(t.family_local_id) over (
    partition by t.agency, t.quarter, t.as_of, t._address.file, lower(t.family_name),
        lower(t.street_address), t.phone) < t.family_local_id
