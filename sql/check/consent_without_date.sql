-- One row per consent that is given and says no day of signing.
-- check: consent_without_date
-- class: row
-- severity: please_confirm
-- name: Consent without a day of signing
-- name_fr: Consentement sans date de signature
-- fix: give the day on which the family consented
-- fix_fr: indiquez la date à laquelle la famille a consenti
--
-- basis: domain.md 1.10 (consents need a start)
-- applies: files that fill the day of signing for other consents
select
    t.agency,
    t.quarter,
    'signed_on' as column_name,
    'the consent is given and nobody can say since when' as detail,
    t._address
from stage.consent as t
where t.is_superseded is not true
qualify t.status = 'given'
    and t.signed_on is null
    and count(t.signed_on) over (partition by t.agency, t.quarter, t._address.file) > 0
