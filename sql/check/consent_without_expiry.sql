-- One row per consent that is given and says no last day.
-- check: consent_without_expiry
-- class: row
-- severity: note
-- name: Consent without an expiry
-- name_fr: Consentement sans date d'échéance
-- fix: give the last day on which the consent holds; if it has none, nothing needs to be done
-- fix_fr: indiquez le dernier jour de validité du consentement; s'il n'en a pas, il n'y a rien à faire
--
-- basis: domain.md 1.10 (consents need a start and an end)
-- applies: files that fill the expiry for other consents
select
    t.agency,
    t.quarter,
    'expires_on' as column_name,
    'other consents of the file have a last day, this one has none' as detail,
    t._address
from stage.consent as t
where t.is_superseded is not true
qualify t.status = 'given'
    and t.expires_on is null
    and count(t.expires_on) over (partition by t.agency, t.quarter, t._address.file) > 0
