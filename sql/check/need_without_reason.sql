-- One row per need that cannot be met and says no reason.
-- check: need_without_reason
-- class: row
-- severity: note
-- name: Not available without a reason
-- name_fr: Non disponible sans motif
-- fix: give the reason
-- fix_fr: indiquez le motif
--
-- basis: domain.md 1.9 D19 (unmet need, with reason)
-- applies: files that fill the reason for other needs
select
    t.agency,
    t.quarter,
    'reason' as column_name,
    'the service is not available and there is no reason' as detail,
    t._address
from stage.need as t
where t.is_superseded is not true
qualify t.status = 'not_available'
    and t.reason is null
    and count(t.reason) over (partition by t.agency, t.quarter, t._address.file) > 0
