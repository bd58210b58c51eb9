-- One row per consent that the same file both gives and refuses.
-- check: consent_contradicts
-- class: case
-- severity: please_confirm
-- name: Two answers to one consent
-- name_fr: Deux réponses à un même consentement
-- fix: send the answer that holds, or give each its day of signing
-- fix_fr: envoyez la réponse valide, ou indiquez la date de signature de chacune
--
-- basis: domain.md 5 (consent or authority), common sense
-- applies: consents with a status
select
    t.agency,
    t.quarter,
    'status' as column_name,
    'another row of the file answers otherwise for the same client, scope and day' as detail,
    t._address
from stage.consent as t
where t.is_superseded is not true
    and t.status in ('given', 'refused', 'withdrawn')
window same as (
    partition by t.agency, t.quarter, t.as_of, t._address.file, t.client_local_id, t.scope,
        t.signed_on)
qualify min(t.status) over same <> max(t.status) over same
    and row_number() over (same order by t._address."row", t._address.path) > 1
