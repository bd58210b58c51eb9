-- One row per consent that is given and withdrawn at once.
-- check: consent_given_but_withdrawn
-- class: row
-- severity: please_confirm
-- name: Given and withdrawn at once
-- name_fr: À la fois donné et retiré
-- fix: correct the consent, or remove the day of withdrawal
-- fix_fr: corrigez le consentement, ou retirez la date de retrait
--
-- basis: domain.md 1.10 (consents need a day of withdrawal)
-- applies: consents with a status and a day of withdrawal
select
    t.agency,
    t.quarter,
    'status' as column_name,
    'says given although it was withdrawn by the day the file speaks for; it counts as withdrawn' as detail,
    t._address
from stage.consent as t
where t.is_superseded is not true
    and t.status = 'given'
    and t.withdrawn_on <= t.as_of
    and (t.signed_on is null or t.signed_on <= t.withdrawn_on)
