-- One row per local service whose ages run backwards.
-- check: service_age_order
-- class: row
-- severity: please_confirm
-- name: Ages the wrong way round
-- name_fr: Âges inversés
-- fix: correct the youngest or the oldest age
-- fix_fr: corrigez l'âge minimal ou maximal
--
-- basis: common sense
-- applies: local services with both ages
select
    t.agency,
    t.quarter,
    'to_age' as column_name,
    'the oldest age lies below the youngest' as detail,
    t._address
from stage.local_service as t
where t.is_superseded is not true
    and t.to_age < t.from_age
