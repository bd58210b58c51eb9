-- One row per episode that is active or waiting after it ended.
-- check: ended_but_active
-- class: row
-- severity: please_confirm
-- name: Active after its end
-- name_fr: Actif après sa fin
-- fix: correct the status, or remove the day of the end
-- fix_fr: corrigez le statut, ou retirez la date de fin
--
-- basis: domain.md 1.3 (active, inactive and re-engaged are states)
-- applies: episodes with a status and a day of their end
select
    t.agency,
    t.quarter,
    'status' as column_name,
    'is active or waiting although it ended by the day the file speaks for, and nobody re-engaged it' as detail,
    t._address
from stage.episode as t
where t.is_superseded is not true
    and t.status in ('active', 'waiting')
    and least(t.inactive_on, t.closed_on) <= t.as_of
    and (t.reengaged_on >= least(t.inactive_on, t.closed_on)) is not true
