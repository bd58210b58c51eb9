-- One row per survey sent or returned, or round of them, and quarter.
-- key: survey_round_id, quarter
--
-- Answers in the agencies' files stand for one each. A round of the register goes before them in its
-- quarter: it counts all that were sent and came back, whatever a file holds.
with round as (
    select *
    from core.survey_round
    where scale is null and survey_quarter = quarter
),
answer as (
    select
        s.agency,
        s.client_local_id,
        s.tool,
        s.quarter,
        s.sent_on,
        s.returned_on,
        case when regexp_matches(lower(s.tool), 'partner|partenaire') then 'partner' else 'family' end
            as audience,
        min(s._address) as _address
    from core.survey as s
    group by all
)
select
    survey_round_id,
    quarter,
    agency,
    agency as employer,
    cast(null as varchar) as area,
    cast(null as varchar) as municipality,
    audience,
    sent_count,
    returned_count,
    false as is_in_register,
    _address
from round
union all
select
    md5(concat_ws('|', s.agency, s.client_local_id, s.tool, s.sent_on, s.returned_on, 'answer'))[:16],
    s.quarter,
    s.agency,
    s.agency,
    c.area,
    c.municipality,
    s.audience,
    case when s.sent_on between q.starts_on and q.ends_on then 1 end,
    case when s.returned_on between q.starts_on and q.ends_on then 1 end,
    exists (
        select 1 from round as r
        where r.quarter = s.quarter and r.audience = s.audience),
    s._address
from answer as s
join core.quarter as q on q.quarter = s.quarter
left join core.client as c
    on c.agency = s.agency and c.client_local_id = s.client_local_id and c.quarter = s.quarter
where s.sent_on between q.starts_on and q.ends_on
    or s.returned_on between q.starts_on and q.ends_on
