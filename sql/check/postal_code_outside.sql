-- One row per client whose postal code is not Ontario's.
-- check: postal_code_outside
-- class: row
-- severity: note
-- name: Postal code outside of Ontario
-- name_fr: Code postal hors de l'Ontario
-- fix: check the address; if it is right, nothing needs to be done
-- fix_fr: vérifiez l'adresse; si elle est exacte, il n'y a rien à faire
--
-- basis: domain.md 6 (Ontario begins with K L M N P; warn, do not reject)
-- applies: clients with a postal code
select
    t.agency,
    t.quarter,
    'postal_code' as column_name,
    'does not begin with K, L, M, N or P; the address may be in another province or country' as detail,
    t._address
from stage.client as t
where t.is_superseded is not true
    and regexp_full_match(regexp_replace(upper(t.postal_code), '[^A-Z0-9]', '', 'g'), '[ABCEGHJRSTVXY][0-9][ABCEGHJ-NPRSTV-Z]([0-9][ABCEGHJ-NPRSTV-Z][0-9])?|[0-9]{5}([0-9]{4})?')
