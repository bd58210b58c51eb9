-- One row per e-mail address that cannot be one.
-- check: email_form
-- class: row
-- severity: note
-- name: Not an e-mail address
-- name_fr: Adresse courriel invalide
-- fix: correct the address, or leave the cell empty
-- fix_fr: corrigez l'adresse, ou laissez la cellule vide
--
-- basis: common sense
-- applies: clients, caregivers and contacts with an e-mail address
with told as (
    select agency, quarter, email, _address
    from stage.client
    where is_superseded is not true
    union all
    select agency, quarter, email, _address
    from stage.caregiver
    where is_superseded is not true
    union all
    select agency, quarter, email, _address
    from stage.contact
    where is_superseded is not true
)
select
    t.agency,
    t.quarter,
    'email' as column_name,
    'is not of the form name@place.ca' as detail,
    t._address
from told as t
where not regexp_full_match(t.email, '[^@\s,;]+@[^@\s,;]+\.[^@\s.,;]+')
