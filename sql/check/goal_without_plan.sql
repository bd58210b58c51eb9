-- One row per file with goals of clients who have no plan.
-- check: goal_without_plan
-- class: section
-- severity: note
-- name: Goals without a plan
-- name_fr: Objectifs sans plan
-- fix: send the plans that the goals belong to, with the day on which they were written
-- fix_fr: envoyez les plans auxquels les objectifs se rattachent, avec leur date de rédaction
--
-- basis: domain.md 1.3 steps 5 and 7, 1.10 (goals stand in the plan)
-- applies: agencies that send goals and plans
with planned as (
    select distinct agency, quarter, as_of, client_local_id
    from stage.plan
    where is_superseded is not true and coalesce(written_on, shared_on) is not null
),
sends as (
    select distinct agency, quarter, as_of from planned
)
select
    t.agency,
    t.quarter,
    'client_local_id' as column_name,
    concat(count(*), ' goals are of clients without a plan') as detail,
    {quarter: t.quarter, file: t._address.file, version: t._address.version, sheet: t._address.sheet, "row": cast(null as bigint), path: cast(null as varchar)} as _address
from stage.goal as t
join sends as s
    on s.agency = t.agency
    and s.quarter = t.quarter
    and s.as_of = t.as_of
left join planned as p
    on p.agency = t.agency
    and p.quarter = t.quarter
    and p.as_of = t.as_of
    and p.client_local_id = t.client_local_id
where t.is_superseded is not true
    and p.client_local_id is null
group by t.agency, t.quarter, t._address.file, t._address.version, t._address.sheet
