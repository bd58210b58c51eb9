-- One row per need that was resolved before it was identified.
-- check: need_resolved_before_identified
-- class: row
-- severity: please_confirm
-- name: Need resolved before it was identified
-- name_fr: Besoin comblé avant d'être constaté
-- fix: correct the day the need was identified or resolved
-- fix_fr: corrigez la date à laquelle le besoin a été constaté ou comblé
--
-- basis: domain.md 1.9 D19 (unmet need)
-- applies: needs with both dates
select
    t.agency,
    t.quarter,
    'resolved_on' as column_name,
    'lies before the day the need was identified' as detail,
    t._address
from stage.need as t
where t.is_superseded is not true
    and t.resolved_on < t.identified_on
