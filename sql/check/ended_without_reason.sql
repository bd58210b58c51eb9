-- One row per episode that has ended and says no reason.
-- check: ended_without_reason
-- class: row
-- severity: note
-- name: Ended without a reason
-- name_fr: Terminé sans motif
-- fix: give the reason
-- fix_fr: indiquez le motif
--
-- basis: domain.md 1.9 D05 (made inactive, by reason)
-- applies: files that fill the reason for other episodes
select
    t.agency,
    t.quarter,
    'reason' as column_name,
    'the episode has ended and says no reason; it counts under unknown' as detail,
    t._address
from stage.episode as t
where t.is_superseded is not true
qualify t.status in ('closed', 'inactive')
    and t.reason is null
    and count(t.reason) over (partition by t.agency, t.quarter, t._address.file) > 0
