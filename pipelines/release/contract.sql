-- The contract release: all cells, small ones marked, nothing hidden. A count is small when it is
-- above zero and below the setting small_below; so are a share and a quantile that rest on so few.
-- What counts no people (agreements, places, positions) shows nobody, however few there are.
create table release.cell as
select
    c.*,
    coalesce(
        c.unit_count > 0 and c.unit_count < (
            select cast(value as integer) from release.setting where name = 'small_below'
        ) and d.unit not in ('agreement', 'category', 'agency', 'place', 'entry', 'fte', 'coordinator'),
        false
    ) as is_small,
    false as is_hidden
from measure.cell as c
left join measure.definition as d on d.measure = c.measure
order by c.cell_id;
create table release.definition as select * from measure.definition order by ordinal;
create table release.breakdown as select * from measure.breakdown order by all;
create table release.rule as select * from measure.rule order by all;
create table release.agency as
select agency, name, name_fr, role, category, linking_rule, linking_authority
from stage.agency
where agency <> 'REGISTER'
order by agency;
create table release.delivery as select * from stage.delivery where agency <> 'REGISTER' order by agency, quarter;
create table release.data_note as
select
    f.agency, f.quarter, f.check_id, f.severity,
    coalesce(k.name, f.check_id) as label, coalesce(k.name_fr, f.check_id) as label_fr,
    count(*) as finding_count
from stage.finding as f
left join stage.check_catalogue as k on k.check_id = f.check_id
group by all
order by all;
create table release.set_aside as
select
    agency, quarter, file, coalesce(into_table, '') as into_table,
    sum(read_count)::bigint as read_count,
    sum(taken_count)::bigint as taken_count,
    sum(set_aside_count)::bigint as set_aside_count,
    sum(read_count - taken_count - set_aside_count)::bigint as not_data_count
from stage.section
group by all
order by all;
create table release.target as
select measure, target_quarter as quarter, value, set_by
from core.target
qualify row_number() over (partition by measure, target_quarter order by quarter desc, agency, value, set_by) = 1
order by all;
create table release.note as
select cell_id, field, text, who, noted_at
from fact.note
order by cell_id, field;
create table release.expected as
select unit, quarter, period, counted, expected, low, high
from link.expected
order by all;
create table release.late as select quarter, measure, added_count, gone_count from measure.late order by all;
create table release.twice as select quarter, unit, twice_count from measure.twice order by all;
