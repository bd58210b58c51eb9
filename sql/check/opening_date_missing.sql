-- One row per client without an opening date.
-- check: opening_date_missing
-- class: row
-- severity: note
-- name: Client without an opening date
-- name_fr: Client sans date d'ouverture
-- fix: give the day on which the file opened
-- fix_fr: indiquez la date d'ouverture du dossier
--
-- basis: domain.md 1.9 D04 (children served: any active day in the period)
-- applies: files that fill the opening date of other clients
select
    t.agency,
    t.quarter,
    'opened_on' as column_name,
    'nobody can say since when the file is open' as detail,
    t._address
from stage.client as t
where t.is_superseded is not true
qualify t.opened_on is null
    and count(t.opened_on) over (partition by t.agency, t.quarter, t._address.file) > 0
