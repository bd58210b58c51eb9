-- One row per service that has ended and says no day.
-- check: service_ended_without_date
-- class: row
-- severity: note
-- name: Service ended without a date
-- name_fr: Service terminé sans date
-- fix: give the day on which the service ended
-- fix_fr: indiquez la date de fin du service
--
-- basis: common sense
-- applies: files that fill the end of other services
select
    t.agency,
    t.quarter,
    'ended_on' as column_name,
    'the status says that the service ended and there is no day' as detail,
    t._address
from stage.service as t
where t.is_superseded is not true
qualify t.status = 'ended'
    and t.started_on is not null
    and t.ended_on is null
    and count(t.ended_on) over (partition by t.agency, t.quarter, t._address.file) > 0
