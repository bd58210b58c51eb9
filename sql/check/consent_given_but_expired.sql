-- One row per consent that is given and has expired.
-- check: consent_given_but_expired
-- class: row
-- severity: note
-- name: Consent has expired
-- name_fr: Consentement expiré
-- fix: ask the family for a new consent; until then the child counts as one without consent
-- fix_fr: demandez un nouveau consentement à la famille; d'ici là, l'enfant compte comme n'en ayant pas donné
--
-- basis: domain.md 1.10 (consents run out, some after six months)
-- applies: consents with a status and an expiry
select
    t.agency,
    t.quarter,
    'expires_on' as column_name,
    'says given although it expired before the day the file speaks for' as detail,
    t._address
from stage.consent as t
where t.is_superseded is not true
    and t.status = 'given'
    and t.expires_on < t.as_of
    and (t.signed_on is null or t.signed_on <= t.expires_on)
