-- One row per service that is waited for and has started.
-- check: service_waiting_but_started
-- class: row
-- severity: please_confirm
-- name: Waiting for a service that has started
-- name_fr: En attente d'un service déjà commencé
-- fix: correct the status, or the start of the service
-- fix_fr: corrigez le statut, ou le début du service
--
-- basis: domain.md 1.5 (wait times are published)
-- applies: services with a status and a start
select
    t.agency,
    t.quarter,
    'status' as column_name,
    'is waiting although the service started by the day the file speaks for' as detail,
    t._address
from stage.service as t
where t.is_superseded is not true
    and t.status = 'waiting'
    and t.started_on <= t.as_of
    and t.ended_on is null
