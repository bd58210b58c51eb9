-- One row per service that started before the client's file opened.
-- check: service_before_opening
-- class: row
-- severity: note
-- name: Service before the file opened
-- name_fr: Service antérieur à l'ouverture du dossier
-- fix: check the start of the service and the day the file opened
-- fix_fr: vérifiez le début du service et la date d'ouverture du dossier
--
-- basis: domain.md 6 (referral, admission, start of service, discharge)
-- applies: services of clients whose file has an opening date
select
    t.agency,
    t.quarter,
    'started_on' as column_name,
    'lies before the day the file opened' as detail,
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
            and c.opened_on > t.started_on)
