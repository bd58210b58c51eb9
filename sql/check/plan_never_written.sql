-- One row per plan that was shared or reviewed and says no day of writing.
-- check: plan_never_written
-- class: row
-- severity: please_confirm
-- name: Plan shared but not written
-- name_fr: Plan communiqué sans date de rédaction
-- fix: give the day on which the plan was written
-- fix_fr: indiquez la date de rédaction du plan
--
-- basis: domain.md 1.9 D08 (plans developed)
-- applies: files that fill the day of writing for other plans
select
    t.agency,
    t.quarter,
    'written_on' as column_name,
    'the plan was shared or reviewed and there is no day of writing; it counts as no plan' as detail,
    t._address
from stage.plan as t
where t.is_superseded is not true
qualify t.written_on is null
    and coalesce(t.shared_on, t.reviewed_on) is not null
    and count(t.written_on) over (partition by t.agency, t.quarter, t._address.file) > 0
