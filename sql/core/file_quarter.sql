-- One row per file and quarter for which it speaks.
-- key: agency, file, version, from_quarter, quarter
-- assert: from_quarter <= quarter
--
-- A snapshot speaks for its own quarter; of cumulative files only the newest does. What an agency
-- sends as changes holds until something replaces it, in quarters for which that agency delivered.
-- A standing list, such as the register, speaks for all quarters from its own on.
with taken as (
    select agency, quarter, file, version, file_kind, as_of,
        as_of = max(as_of) over (partition by agency, quarter, file_key) as is_newest
    from stage.file
    where state = 'taken'
)
select
    f.agency,
    f.quarter,
    f.quarter as from_quarter,
    f.file,
    f.version,
    f.file_kind,
    f.as_of
from taken as f
where f.file_kind = 'snapshot' or f.file_kind = 'cumulative' and f.is_newest
union all
select
    f.agency,
    d.quarter,
    f.quarter as from_quarter,
    f.file,
    f.version,
    f.file_kind,
    f.as_of
from taken as f
join core.delivery_quarter as d on d.agency = f.agency and d.quarter >= f.quarter and d.is_delivered
where f.file_kind = 'delta'
union all
select
    f.agency,
    q.quarter,
    f.quarter as from_quarter,
    f.file,
    f.version,
    f.file_kind,
    f.as_of
from taken as f
join core.quarter as q on q.quarter >= f.quarter
where f.file_kind = 'standing' and f.is_newest
