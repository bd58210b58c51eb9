-- One row per service that stands twice with one start.
-- check: service_twice
-- class: case
-- severity: note
-- name: One service on two rows
-- name_fr: Un service sur deux lignes
-- fix: send one row for each service, or give each its own start
-- fix_fr: envoyez une ligne par service, ou indiquez le début de chacun
--
-- basis: common sense (duplicates that differ in a detail are not seen by duplicate_row)
-- applies: services with a type and a start
select
    t.agency,
    t.quarter,
    'started_on' as column_name,
    'an earlier row of the file has the same client, service, request and start' as detail,
    t._address
from stage.service as t
where t.is_superseded is not true and t.started_on is not null and t.service_type is not null
qualify row_number() over (
    partition by t.agency, t.quarter, t.as_of, t._address.file, t._address.sheet,
        t.client_local_id, t.service_type, t.requested_on, t.started_on
    order by t._address."row", t._address.path) > 1
