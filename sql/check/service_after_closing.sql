-- One row per service that started after the client's file closed.
-- check: service_after_closing
-- class: row
-- severity: please_confirm
-- name: Service after the file closed
-- name_fr: Service postérieur à la fermeture du dossier
-- fix: correct the start of the service or the closing date; open the file again if the child came back
-- fix_fr: corrigez le début du service ou la date de fermeture; rouvrez le dossier si l'enfant est revenu
--
-- basis: domain.md 6 (referral, admission, start of service, discharge)
-- applies: services of clients whose file has a closing date
select
    t.agency,
    t.quarter,
    'started_on' as column_name,
    'lies after the day the file closed' as detail,
    t._address
from stage.service as t
where t.is_superseded is not true
    and exists (
        select 1
        from stage.client as c
        where c.agency = t.agency
            and c.quarter = t.quarter
            and c.as_of = t.as_of
            and c.client_local_id = t.client_local_id
            and c.is_superseded is not true
            and c.closed_on < t.started_on
            and c.closed_on >= coalesce(c.opened_on, c.closed_on))
