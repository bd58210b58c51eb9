-- One row per meeting that nobody attended.
-- check: meeting_without_attendance
-- class: row
-- severity: note
-- name: Meeting without agencies
-- name_fr: Rencontre sans organismes
-- fix: name the agencies that attended
-- fix_fr: nommez les organismes présents
--
-- basis: domain.md 1.9 D11, 1.10 (agencies currently or potentially involved)
-- applies: files that name the agencies of other meetings
select
    t.agency,
    t.quarter,
    'attending_currently' as column_name,
    'no agency is named, neither currently nor potentially involved' as detail,
    t._address
from stage.meeting as t
where t.is_superseded is not true
qualify coalesce(t.attending_currently, t.attending_potentially) is null
    and count(coalesce(t.attending_currently, t.attending_potentially)) over (
        partition by t.agency, t.quarter, t._address.file) > 0
