-- One row per wait without the day on which it began.
-- check: wait_date_missing
-- class: row
-- severity: note
-- name: Wait without a beginning
-- name_fr: Attente sans date d'inscription
-- fix: give the day on which the child joined the list
-- fix_fr: indiquez la date d'inscription de l'enfant sur la liste
--
-- basis: domain.md 1.5 (wait times are published)
-- applies: files that fill that day for other waits
select
    t.agency,
    t.quarter,
    'joined_on' as column_name,
    'nobody can say how long the child has waited' as detail,
    t._address
from stage.wait as t
where t.is_superseded is not true
qualify t.joined_on is null
    and t.left_on is null
    and count(t.joined_on) over (partition by t.agency, t.quarter, t._address.file) > 0
