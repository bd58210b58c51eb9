-- One row per score of an answer, or average of a round, and quarter.
-- key: survey_round_id, quarter
--
-- An average weighs as many answers as came back, one where nobody said how many. It goes before the
-- answers in the agencies' files of its quarter.
with average as (
    select
        s.*,
        coalesce(n.returned_count, 1) as answer_count
    from core.survey_round as s
    left join core.survey_round as n
        on n.agency = s.agency and n.quarter = s.quarter and n.survey_quarter = s.survey_quarter
        and n.tool is not distinct from s.tool and n.audience is not distinct from s.audience
        and n.scale is null
    where s.scale is not null and s.survey_quarter = s.quarter
)
select
    survey_round_id,
    quarter,
    agency,
    agency as employer,
    cast(null as varchar) as area,
    cast(null as varchar) as municipality,
    audience,
    scale,
    score,
    cast(answer_count as double) as answer_count,
    false as is_in_register,
    _address
from average
union all
select
    s.survey_id,
    s.quarter,
    s.agency,
    s.agency,
    c.area,
    c.municipality,
    case when regexp_matches(lower(s.tool), 'partner|partenaire') then 'partner' else 'family' end
        as audience,
    s.scale,
    s.score,
    cast(coalesce(s.respondent_count, 1) as double),
    exists (
        select 1 from average as r
        where r.quarter = s.quarter
            and (r.audience = 'partner') = regexp_matches(lower(s.tool), 'partner|partenaire')),
    s._address
from core.survey as s
join core.quarter as q on q.quarter = s.quarter
left join core.client as c
    on c.agency = s.agency and c.client_local_id = s.client_local_id and c.quarter = s.quarter
where s.returned_on between q.starts_on and q.ends_on
