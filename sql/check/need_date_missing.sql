-- One row per need without the day on which it was identified.
-- check: need_date_missing
-- class: row
-- severity: note
-- name: Need without a date
-- name_fr: Besoin sans date
-- fix: give the day on which the need was identified
-- fix_fr: indiquez la date à laquelle le besoin a été constaté
--
-- basis: domain.md 1.9 D19 (unmet need)
-- applies: files that fill that day for other needs
select
    t.agency,
    t.quarter,
    'identified_on' as column_name,
    'nobody can say since when the need is known' as detail,
    t._address
from stage.need as t
where t.is_superseded is not true
qualify t.identified_on is null
    and count(t.identified_on) over (partition by t.agency, t.quarter, t._address.file) > 0
