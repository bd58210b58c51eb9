-- One row per service that ends before it starts.
-- check: end_before_start
-- class: row
-- severity: please_confirm
-- name: End before start
-- name_fr: Fin avant le début
-- fix: correct the start or the end of the service
-- fix_fr: corrigez le début ou la fin du service
-- sets_null: service.started_on, service.ended_on
--
-- basis: domain.md 6 (referral, admission, start of service, discharge)
-- applies: services with both dates
select
    t.agency,
    t.quarter,
    'ended_on' as column_name,
    'ends before it starts; neither date is used' as detail,
    t._address
from stage.service as t
where t.ended_on < t.started_on
