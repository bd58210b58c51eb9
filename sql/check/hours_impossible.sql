-- One row per service with more hours than its days have.
-- check: hours_impossible
-- class: row
-- severity: please_confirm
-- name: More hours than the days have
-- name_fr: Plus d'heures que n'en comptent les jours
-- fix: correct the hours; check that they are not minutes or dollars
-- fix_fr: corrigez les heures; vérifiez qu'il ne s'agit pas de minutes ou de dollars
--
-- basis: common sense (24 hours a day from start to end, or a year where no start is told)
-- applies: services with hours
select
    t.agency,
    t.quarter,
    'hours' as column_name,
    'more than 24 hours for each day of the service' as detail,
    t._address
from stage.service as t
where t.is_superseded is not true
    and t.hours > 24 * (greatest(0, least(coalesce(t.ended_on, t.as_of), t.as_of) - coalesce(t.started_on, t.as_of - 365)) + 1)
