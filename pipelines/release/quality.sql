create table release.quality_agency as
select a.agency, a.name, a.name_fr, a.role, a.language,
    coalesce((select bool_or(f.file_kind = 'delta') from stage.file as f where f.agency = a.agency), false) as sends_changes
from stage.agency as a
semi join about using (agency)
where a.owes
order by a.agency;

create table release.quality_check as
select * from stage.check_catalogue order by check_id;

-- Findings about files that still count; what was corrected for the agency is no fault of the file.
create table current_finding as
select f.*
from stage.finding as f
semi join about using (agency)
where f.check_id <> 'correction_used' and f.agency is not null and f.quarter is not null
    and not exists (
        select 1 from stage.file as s
        where s.state = 'superseded' and s.agency = f.agency and s.quarter = f.quarter and s.file = f.file and s.version = f.version);

create table release.quality_delivery as
with sheet as (
    select agency, quarter, file, version, sheet, max(taken_count + set_aside_count) as row_count
    from stage.section where not superseded group by all
),
read as (select agency, quarter, cast(sum(row_count) as bigint) as row_count from sheet group by all),
found as (
    select agency, quarter,
        count(*) filter (severity = 'blocks') as blocks_count,
        count(*) filter (severity = 'sets_aside') as sets_aside_count,
        count(*) filter (severity = 'please_confirm') as confirm_count,
        count(*) filter (severity = 'note') as note_count,
        count(distinct (file, version, sheet, "row", path)) filter (severity <> 'note' and "row" is not null) as asked_row_count
    from current_finding group by all
),
answered as (
    select agency, quarter, count(*) filter (kind = 'confirmation') as confirmed_count, count(*) filter (kind = 'explanation') as explained_count
    from stage.answer group by all
),
corrected as (select agency, quarter, count(*) filter (is_used) as corrected_count from stage.corrected group by all)
select d.agency, d.quarter, d.state, d.is_late, d.due_on, d.received_on,
    case when d.is_late and d.received_on is not null then date_diff('day', d.due_on, d.received_on) end as days_late,
    d.file_count, coalesce(r.row_count, 0) as row_count,
    coalesce(f.blocks_count, 0) as blocks_count, coalesce(f.sets_aside_count, 0) as sets_aside_count,
    coalesce(f.confirm_count, 0) as confirm_count, coalesce(f.note_count, 0) as note_count,
    coalesce(f.asked_row_count, 0) as asked_row_count,
    coalesce(n.confirmed_count, 0) as confirmed_count, coalesce(n.explained_count, 0) as explained_count,
    coalesce(c.corrected_count, 0) as corrected_count
from stage.delivery as d
semi join about using (agency)
left join read as r on r.agency = d.agency and r.quarter = d.quarter
left join found as f on f.agency = d.agency and f.quarter = d.quarter
left join answered as n on n.agency = d.agency and n.quarter = d.quarter
left join corrected as c on c.agency = d.agency and c.quarter = d.quarter
order by d.agency, d.quarter;

create table release.quality_cause as
select agency, quarter, check_id, severity, coalesce(column_name, '') as column_name,
    count(distinct (file, version, sheet, "row", path)) as row_count, count(*) as finding_count,
    count(distinct file) as file_count, coalesce(min(file), '') as first_file
from current_finding
group by agency, quarter, check_id, severity, coalesce(column_name, '')
order by all;

-- Every state that a delivery passed through: the earlier ones, and as it stands.
create table every_state as
with past as (
    select 0 as version, '' as agency, '' as quarter, null::date as received_on, '' as state, 0 as row_count, '' as files where false
    {{earlier state}}
),
stands as (
    select s.agency, s.quarter, max(s.received_on) as received_on,
        string_agg(s.file || if(s.version > 1, ' (' || s.version || ')', ''), ', ' order by s.file, s.version) filter (s.state <> 'superseded') as files
    from stage.file as s
    semi join about using (agency)
    group by all
)
select version, agency, quarter, received_on, state, row_count, files, false as stands from past
union all
select 1 + (select count(*) from past as p where p.agency = s.agency and p.quarter = s.quarter), s.agency, s.quarter, s.received_on,
    d.state, d.row_count, s.files, true
from stands as s
join release.quality_delivery as d on d.agency = s.agency and d.quarter = s.quarter;

create table asked as
with past as (
    select 0 as version, '' as agency, '' as quarter, '' as sign, 0 as n where false
    {{earlier asked}}
),
now as ({{asked}})
select version, agency, quarter, sign, n from past
union all
select e.version, n.agency, n.quarter, n.sign, n.n
from now as n
join every_state as e on e.agency = n.agency and e.quarter = n.quarter and e.stands;

-- One row per state of a delivery: of what it asks, how much is new since the state before, and how much of that
-- was settled. Where nothing was taken nothing is compared. Agencies that send changes only are compared within a
-- quarter alone: what is not in a delta is not settled.
create table release.quality_version as
with state as (
    select e.*, case when e.state in ('accepted', 'accepted_with_findings', 'partly_accepted') then lag({quarter: e.quarter, version: e.version}) over (
        partition by e.agency, if(a.sends_changes, e.quarter, ''), e.state in ('accepted', 'accepted_with_findings', 'partly_accepted')
        order by e.quarter, e.version) end as before
    from every_state as e
    join release.quality_agency as a on a.agency = e.agency
),
now as (
    select s.agency, s.quarter, s.version, s.before is not null as has_before, a.sign, a.n, coalesce(b.n, 0) as n_before
    from state as s
    join asked as a on a.agency = s.agency and a.quarter = s.quarter and a.version = s.version
    left join asked as b on b.agency = s.agency and b.quarter = s.before.quarter and b.version = s.before.version and b.sign = a.sign
),
counted as (
    select agency, quarter, version, cast(sum(n) as bigint) as asked_count, cast(sum(least(n, n_before)) as bigint) as stayed_count
    from now group by all
),
size as (select agency, quarter, version, cast(sum(n) as bigint) as asked_count from asked group by all)
select s.agency, s.quarter, s.version, s.received_on, s.state, s.row_count, s.files, s.stands, s.before is not null as has_before,
    coalesce(c.asked_count, 0) as asked_count,
    case when s.before is not null then coalesce(c.stayed_count, 0) end as stayed_count,
    case when s.before is not null then coalesce(c.asked_count, 0) - coalesce(c.stayed_count, 0) end as new_count,
    case when s.before is not null then coalesce(b.asked_count, 0) - coalesce(c.stayed_count, 0) end as closed_count
from state as s
left join counted as c on c.agency = s.agency and c.quarter = s.quarter and c.version = s.version
left join size as b on b.agency = s.agency and b.quarter = s.before.quarter and b.version = s.before.version
order by s.agency, s.quarter, s.version;

create table release.quality_result as
with past as (
    select 0 as version, '' as agency, '' as quarter, '' as check_id, 0 as examined_count, 0 as failed_count where false
    {{earlier result}}
)
select agency, quarter, version, check_id, cast(examined_count as bigint) as examined_count, cast(failed_count as bigint) as failed_count, false as stands from past
union all
select r.agency, r.quarter, coalesce(e.version, 1), r.check_id, r.examined_count, r.failed_count, true
from stage.check_result as r
semi join about using (agency)
semi join release.quality_agency as o using (agency)
left join every_state as e on e.agency = r.agency and e.quarter = r.quarter and e.stands
order by agency, quarter, version, check_id;

-- One row per column that the agency's mapping fills, and quarter.
create table release.quality_column as
with filled as (
    {{filled}}
)
select f.agency, f.quarter, f.table_name, f.told.column_name as column_name, any_value(h.heading order by h.position, h.heading) as heading,
    f.row_count, f.told.n as filled_count
from filled as f
semi join about using (agency)
join stage."column" as h
    on h.agency = f.agency and h.quarter = f.quarter and h.into_table = f.table_name and h.column_name = f.told.column_name
group by all
order by all;

drop table current_finding;
drop table every_state;
drop table asked;
drop table about;
