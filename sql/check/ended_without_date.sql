-- One row per episode that has ended and says no day.
-- check: ended_without_date
-- class: row
-- severity: please_confirm
-- name: Ended without a date
-- name_fr: Terminé sans date
-- fix: give the day on which the episode was closed or made inactive
-- fix_fr: indiquez la date à laquelle l'épisode a été fermé ou rendu inactif
--
-- basis: domain.md 1.9 D05 (made inactive, in the quarter)
-- applies: files that fill that day for other episodes
select
    t.agency,
    t.quarter,
    if(t.status = 'closed', 'closed_on', 'inactive_on') as column_name,
    'the status says that it ended and no column says when' as detail,
    t._address
from stage.episode as t
where t.is_superseded is not true
qualify t.status in ('closed', 'inactive')
    and coalesce(t.closed_on, t.inactive_on, t.status_on) is null
    and count(coalesce(t.closed_on, t.inactive_on)) over (
        partition by t.agency, t.quarter, t._address.file) > 0
