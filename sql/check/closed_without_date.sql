-- One row per client that is closed and says no day.
-- check: closed_without_date
-- class: row
-- severity: note
-- name: Closed without a date
-- name_fr: Dossier fermé sans date
-- fix: give the day the file closed
-- fix_fr: indiquez la date de fermeture du dossier
--
-- basis: domain.md 1.3 (inactive is a state), 6 (status_date)
-- applies: files that fill the closing date for other clients
select
    t.agency,
    t.quarter,
    'closed_on' as column_name,
    'the status is closed and there is no closing date' as detail,
    t._address
from stage.client as t
where t.is_superseded is not true
qualify t.status = 'closed'
    and t.closed_on is null
    and count(t.closed_on) over (partition by t.agency, t.quarter, t._address.file) > 0
