-- One row per agreement without the day on which it was signed.
-- check: agreement_date_missing
-- class: row
-- severity: note
-- name: Agreement without a date
-- name_fr: Entente sans date
-- fix: give the day on which the agreement was signed
-- fix_fr: indiquez la date de signature de l'entente
--
-- basis: domain.md 1.9 D15 (formal agreements in place)
-- applies: lists that fill that day for other agreements
select
    t.agency,
    t.quarter,
    'signed_on' as column_name,
    'nobody can say whether the agreement is in place' as detail,
    t._address
from stage.agreement as t
where t.is_superseded is not true
qualify t.signed_on is null
    and count(t.signed_on) over (partition by t.agency, t.quarter, t._address.file) > 0
