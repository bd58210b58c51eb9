-- One row per consent that ends before it was signed.
-- check: consent_ends_before_signed
-- class: row
-- severity: please_confirm
-- name: Consent ends before it was signed
-- name_fr: Consentement échu avant sa signature
-- fix: correct the day of signing, of expiry or of withdrawal
-- fix_fr: corrigez la date de signature, d'échéance ou de retrait
--
-- basis: domain.md 1.10 (a consent has a start, an end and a day of withdrawal)
-- applies: consents with two dates
select
    t.agency,
    t.quarter,
    if(t.expires_on < t.signed_on, 'expires_on', 'withdrawn_on') as column_name,
    'lies before the day of signing; the consent holds on no day' as detail,
    t._address
from stage.consent as t
where t.is_superseded is not true
    and least(t.expires_on, t.withdrawn_on) < t.signed_on
