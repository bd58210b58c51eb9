-- One row per consent that is withdrawn and says no day.
-- check: consent_withdrawn_without_date
-- class: row
-- severity: please_confirm
-- name: Withdrawn without a date
-- name_fr: Retrait sans date
-- fix: give the day on which the family withdrew its consent
-- fix_fr: indiquez la date à laquelle la famille a retiré son consentement
--
-- basis: domain.md 1.10 (consents need a day of withdrawal)
-- applies: files that fill the day of withdrawal for other consents
select
    t.agency,
    t.quarter,
    'withdrawn_on' as column_name,
    'the consent is withdrawn and nobody can say since when' as detail,
    t._address
from stage.consent as t
where t.is_superseded is not true
qualify t.status = 'withdrawn'
    and t.withdrawn_on is null
    and count(t.withdrawn_on) over (partition by t.agency, t.quarter, t._address.file) > 0
