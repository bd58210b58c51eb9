-- One row per counted child and quarter whose files name different municipalities: the one where it lives.
-- key: child_id, quarter
--
-- The placement of a child in care; else the newest move; else the municipality that most files of its
-- family name, its own and those of its brothers and sisters who are not in care: of two homes of a
-- child the one where its family lives; else the file opened last.
with split as (
    select child_id, quarter
    from gap.client
    where is_counted
    group by child_id, quarter
    having min(municipality) <> max(municipality)
),
family as (
    select distinct f.family_id, f.quarter
    from split as s
    join link.client_family as f on f.child_id = s.child_id and f.quarter = s.quarter
),
vote as (
    select f.family_id, f.quarter, c.municipality, count(*) as votes
    from family as m
    join link.client_family as f on f.family_id = m.family_id and f.quarter = m.quarter
    join gap.client as c
        on c.agency = f.agency and c.client_local_id = f.client_local_id and c.quarter = f.quarter
    where c.is_counted and not c.is_in_care
    group by f.family_id, f.quarter, c.municipality
),
ranked as (
    select
        c.child_id,
        c.quarter,
        c.municipality,
        row_number() over (
            partition by c.child_id, c.quarter
            order by not c.is_in_care, c.moved_in desc nulls last, v.votes desc nulls last,
                c.opened_on desc nulls last, c.agency, c.client_local_id
        ) as place
    from gap.client as c
    join split as s on s.child_id = c.child_id and s.quarter = c.quarter
    join link.client_family as f
        on f.agency = c.agency and f.client_local_id = c.client_local_id and f.quarter = c.quarter
    left join vote as v
        on v.family_id = f.family_id and v.quarter = c.quarter and v.municipality = c.municipality
    where c.is_counted and c.municipality is not null
)
select child_id, quarter, municipality
from ranked
where place = 1
