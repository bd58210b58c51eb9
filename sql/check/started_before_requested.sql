-- One row per service that starts before it was requested.
-- check: started_before_requested
-- class: row
-- severity: note
-- name: Service started before it was requested
-- name_fr: Service commencé avant la demande
-- fix: check the day of the request
-- fix_fr: vérifiez la date de la demande
--
-- basis: domain.md 6 (referral, admission, start of service, discharge)
-- applies: services with both dates
select
    t.agency,
    t.quarter,
    'started_on' as column_name,
    'starts before it was requested; both dates are used as they came' as detail,
    t._address
from stage.service as t
where t.started_on < t.requested_on and t.ended_on is distinct from t.started_on
