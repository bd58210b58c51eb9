-- One row per service that still runs after the client's file closed.
-- check: service_open_after_closing
-- class: row
-- severity: note
-- name: Service runs on after the file closed
-- name_fr: Service toujours en cours après la fermeture du dossier
-- fix: end the service on the day the file closed, or earlier
-- fix_fr: mettez fin au service le jour de la fermeture du dossier, ou avant
--
-- basis: domain.md 6 (referral, admission, start of service, discharge)
-- applies: services without an end of clients whose file has closed
select
    t.agency,
    t.quarter,
    'ended_on' as column_name,
    'the service has no end although the file closed' as detail,
    t._address
from stage.service as t
where t.is_superseded is not true
    and t.ended_on is null
    and coalesce(t.status, 'active') <> 'ended'
    and exists (
        select 1
        from stage.client as c
        where c.agency = t.agency
            and c.quarter = t.quarter
            and c.as_of = t.as_of
            and c.client_local_id = t.client_local_id
            and c.is_superseded is not true
            and c.closed_on <= t.as_of
            and c.closed_on >= coalesce(t.started_on, c.closed_on))
