-- One row per local service that families cannot reach.
-- check: service_reach_missing
-- class: row
-- severity: note
-- name: Service that nobody can reach
-- name_fr: Service impossible à joindre
-- fix: say how families reach the service
-- fix_fr: indiquez comment les familles peuvent joindre le service
--
-- basis: domain.md 1.5 (public, up-to-date information on services and access)
-- applies: local services
select
    t.agency,
    t.quarter,
    'how_to_reach' as column_name,
    'families are not told how to reach it' as detail,
    t._address
from stage.local_service as t
where t.is_superseded is not true
    and t.how_to_reach is null
