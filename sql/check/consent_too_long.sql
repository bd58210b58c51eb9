-- One row per consent that holds for more than ten years.
-- check: consent_too_long
-- class: row
-- severity: note
-- name: Consent for more than ten years
-- name_fr: Consentement de plus de dix ans
-- fix: check the year of expiry; leave it empty when the consent has no end
-- fix_fr: vérifiez l'année d'échéance; laissez-la vide si le consentement n'a pas de fin
--
-- basis: domain.md 1.10 (consents seen hold for six months)
-- applies: consents with both dates
select
    t.agency,
    t.quarter,
    'expires_on' as column_name,
    'lies more than ten years after the day of signing' as detail,
    t._address
from stage.consent as t
where t.is_superseded is not true
    and t.expires_on > t.signed_on + interval 10 years
