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
-- What stands in no column of the file has our word for it and no position.
create table current_finding as
select f.*, coalesce(f."row" > 0 and f.column_name <> '' and c.position is null, false) as has_no_column
from stage.finding as f
semi join about using (agency)
left join stage.finding_cell as c on c.finding_id = f.finding_id and c.check_id = f.check_id
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
    count(distinct file) as file_count, coalesce(min(file), '') as first_file, bool_and(has_no_column) as has_no_column
from current_finding
group by agency, quarter, check_id, severity, coalesce(column_name, '')
order by all;

-- Every state that a delivery passed through: the earlier ones, and as it stands. entries are those of the mapping
-- whose files were read.
create table every_state as
with past as (
    select 0 as version, '' as agency, '' as quarter, null::date as received_on, '' as state, 0 as row_count, '' as files, ['']::varchar[] as entries where false
    {{earlier state}}
),
stands as (
    select s.agency, s.quarter, max(s.received_on) as received_on,
        string_agg(s.file || if(s.version > 1, ' (' || s.version || ')', ''), ', ' order by s.file, s.version) filter (s.state <> 'superseded') as files,
        coalesce(list(distinct s.file_key order by s.file_key) filter (s.state = 'taken'), []) as entries
    from stage.file as s
    semi join about using (agency)
    group by all
)
select version, agency, quarter, received_on, state, row_count, files, entries, false as stands from past
union all
select 1 + (select count(*) from past as p where p.agency = s.agency and p.quarter = s.quarter), s.agency, s.quarter, s.received_on,
    d.state, d.row_count, s.files, s.entries, true
from stands as s
join release.quality_delivery as d on d.agency = s.agency and d.quarter = s.quarter;

create table asked as
with past as (
    select 0 as version, '' as agency, '' as quarter, '' as sign, 0 as n, '' as entry where false
    {{earlier asked}}
),
now as ({{asked}})
select version, agency, quarter, sign, n, entry from past
union all
select e.version, n.agency, n.quarter, n.sign, n.n, n.entry
from now as n
join every_state as e on e.agency = n.agency and e.quarter = n.quarter and e.stands;

-- The states of which something was taken, in their order. Agencies that send changes only are compared within a
-- quarter alone: what is not in a delta is not settled.
create table compared as
select e.agency, e.quarter, e.version, e.entries, if(a.sends_changes, e.quarter, '') as within,
    row_number() over (partition by e.agency, if(a.sends_changes, e.quarter, '') order by e.quarter, e.version) as place
from every_state as e
join release.quality_agency as a on a.agency = e.agency
where e.state in ('accepted', 'accepted_with_findings', 'partly_accepted');

-- What is open in each state: what it asks, and what was open before about files that were not read this time.
create table still_open as
with sign as (
    select c.agency, c.within, a.sign, min(a.entry) as entry
    from asked as a
    join compared as c on c.agency = a.agency and c.quarter = a.quarter and c.version = a.version
    group by all
),
told as (
    select c.agency, c.quarter, c.version, c.within, c.place, s.sign, coalesce(a.n, 0) as n,
        case when a.n is not null or s.entry = '' or list_contains(c.entries, s.entry) then coalesce(a.n, 0) end as said
    from compared as c
    join sign as s on s.agency = c.agency and s.within = c.within
    left join asked as a on a.agency = c.agency and a.quarter = c.quarter and a.version = c.version and a.sign = s.sign
)
select agency, quarter, version, within, place, sign,
    coalesce(last_value(said ignore nulls) over (partition by agency, within, sign order by place), 0) as n
from told;

-- One row per state of a delivery: of what is open, how much is new since the state before, and how much of that was
-- settled. Where nothing was taken nothing is compared.
create table release.quality_version as
with counted as (
    select o.agency, o.quarter, o.version, cast(sum(o.n) as bigint) as asked_count,
        cast(sum(least(o.n, o.n_before)) as bigint) as stayed_count, cast(sum(o.n_before) as bigint) as before_count
    from (select *, lag(n, 1, 0) over (partition by agency, within, sign order by place) as n_before from still_open) as o
    group by all
),
size as (select agency, quarter, version, cast(sum(n) as bigint) as asked_count from asked group by all)
select s.agency, s.quarter, s.version, s.received_on, s.state, s.row_count, s.files, s.stands, coalesce(p.place > 1, false) as has_before,
    coalesce(c.asked_count, z.asked_count, 0) as asked_count,
    case when p.place > 1 then coalesce(c.stayed_count, 0) end as stayed_count,
    case when p.place > 1 then coalesce(c.asked_count, 0) - coalesce(c.stayed_count, 0) end as new_count,
    case when p.place > 1 then coalesce(c.before_count, 0) - coalesce(c.stayed_count, 0) end as closed_count
from every_state as s
left join compared as p on p.agency = s.agency and p.quarter = s.quarter and p.version = s.version
left join counted as c on c.agency = s.agency and c.quarter = s.quarter and c.version = s.version
left join size as z on z.agency = s.agency and z.quarter = s.quarter and z.version = s.version
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
drop table compared;
drop table still_open;
drop table about;
