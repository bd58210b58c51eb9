-- One row per contact without an e-mail address.
-- check: contact_email_missing
-- class: row
-- severity: note
-- name: Contact without an e-mail address
-- name_fr: Personne-ressource sans adresse courriel
-- fix: give an address of the role
-- fix_fr: indiquez une adresse de fonction
--
-- basis: common sense (whom to ask when a delivery is late)
-- applies: contacts
select
    t.agency,
    t.quarter,
    'email' as column_name,
    'the contact cannot be written to' as detail,
    t._address
from stage.contact as t
where t.is_superseded is not true
    and t.email is null
