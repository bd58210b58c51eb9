-- What the public page of services and waits may say: who offers what and where, from the register's
-- list, and the typical wait for a service where at least small_below children wait for it. No count
-- is in it, and no margin: there is nothing to subtract one number from.
create table release.local_service as
select distinct service_type, offered_by, municipality, service_language, from_age, to_age, how_to_reach
from core.local_service
where quarter = (select value from release.setting where name = 'quarter')
    and offered_by is not null
order by all;
-- Who is an agency of the workspace has a name in both languages.
create table release.provider as
select name, min(name_fr) as name_fr
from stage.agency
where name_fr is not null
group by name
order by name;
create table release.wait as
select
    c.breakdown as service_type,
    case when c.unit_count >= k.least then c.value end as median_days,
    c.unit_count < k.least as is_hidden
from measure.cell as c
cross join (select cast(value as integer) as least from release.setting where name = 'small_below') as k
where c.measure = 'service_days_waiting' and c.statistic = 'median' and c.period = 'quarter'
    and c."by" = 'service_type' and c.breakdown <> 'unknown' and c.value is not null and c.unit_count > 0
    and c.quarter = (select value from release.setting where name = 'quarter')
order by service_type;
create table release.service as
select code, label as name, label_fr as name_fr, ordinal
from measure.breakdown
where measure = 'service_days_waiting' and "by" = 'service_type'
order by ordinal, code;
create table release.place as
select municipality, min(area) as area
from stage.municipality
group by municipality
order by municipality;
