-- One row per child and quarter: how many agencies and sectors have an open file on it.
-- key: child_id, quarter
--
-- Children who may not be linked, or are left out, are in no team.
select
    f.child_id,
    f.quarter,
    count(distinct f.agency) as agency_count,
    count(distinct a.category) as sector_count,
    coalesce(bool_or(a.category = 'child_welfare'), false) as has_protection_file
from link.client_child as f
join core.client as c
    on c.agency = f.agency and c.client_local_id = f.client_local_id and c.quarter = f.quarter
join stage.agency as a on a.agency = f.agency
where f.is_counted and c.is_active
group by f.child_id, f.quarter
