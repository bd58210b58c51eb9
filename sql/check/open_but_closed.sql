-- One row per client whose status is open after its file closed.
-- check: open_but_closed
-- class: row
-- severity: please_confirm
-- name: Open after its closing date
-- name_fr: Ouvert après la date de fermeture
-- fix: correct the status, or remove the closing date
-- fix_fr: corrigez le statut, ou retirez la date de fermeture
--
-- basis: domain.md 1.3 (states of a file)
-- applies: files with a status and a closing date
select
    t.agency,
    t.quarter,
    'status' as column_name,
    'the status is not closed although the file closed by the day the file speaks for' as detail,
    t._address
from stage.client as t
where t.is_superseded is not true
    and t.status in ('open', 'pending')
    and t.closed_on <= t.as_of
