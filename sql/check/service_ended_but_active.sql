-- One row per service whose status denies its end.
-- check: service_ended_but_active
-- class: row
-- severity: please_confirm
-- name: Service active after its end
-- name_fr: Service actif après sa fin
-- fix: correct the status, or remove the end
-- fix_fr: corrigez le statut, ou retirez la date de fin
--
-- basis: common sense
-- applies: services with a status and an end
select
    t.agency,
    t.quarter,
    'status' as column_name,
    'is active or waiting although the service ended by the day the file speaks for' as detail,
    t._address
from stage.service as t
where t.is_superseded is not true
    and t.status in ('active', 'waiting')
    and t.ended_on <= t.as_of
