-- A wider release: the cells of its tables. A hidden one has no value, no count behind it and no reason.
create table release.cell as
select
    c.cell_id, c.measure, c.statistic, c.quarter, c.period, c."by", c.area, c.municipality, c.agency, c.employer, c.breakdown,
    case when d.is_shown then c.value end as value,
    cast(null as bigint) as unit_count,
    cast(null as bigint) as agency_count,
    false as is_small,
    not d.is_shown as is_hidden
from measure.cell as c
join disclosure.cell as d on d.cell_id = c.cell_id
where d.audience = (select value from release.setting where name = 'generated_for')
order by c.cell_id;
create table release.definition as
select * from measure.definition
where measure in (select measure from release.cell)
order by ordinal;
create table release.breakdown as
select * from measure.breakdown
where (measure, "by") in (select measure, "by" from release.cell)
order by all;
create table release.rule as
select * from measure.rule
where measure in (select measure from release.cell)
order by all;
create table release.agency as
select agency, name, name_fr, role, category
from stage.agency
where agency <> 'REGISTER'
order by agency;
create table release.delivery as
select agency, quarter, state, is_late
from stage.delivery
where agency <> 'REGISTER' and quarter in (select quarter from release.cell)
order by agency, quarter;
