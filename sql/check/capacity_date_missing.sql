-- One row per service with places that nobody dated.
-- check: capacity_date_missing
-- class: row
-- severity: note
-- name: Places without a date
-- name_fr: Places sans date
-- fix: give the day on which the places were counted
-- fix_fr: indiquez la date du dénombrement des places
--
-- basis: common sense (an old count is no capacity)
-- applies: lists that fill that day for other services
select
    t.agency,
    t.quarter,
    'counted_on' as column_name,
    'nobody can say when the places were counted' as detail,
    t._address
from stage.capacity as t
where t.is_superseded is not true
qualify t.counted_on is null
    and count(t.counted_on) over (partition by t.agency, t.quarter, t._address.file) > 0
