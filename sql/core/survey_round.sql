-- One row per round of a survey, or scale of it, and quarter, as the newest file says.
-- key: survey_round_id, quarter
--
-- What is kept by hand of a survey: how many were sent and came back (scale is NULL), and the average
-- score of each scale. The newest file that speaks for the quarter decides.
with in_quarter as (
    select
        s.*,
        v.quarter as in_quarter,
        row_number() over (
            partition by s.agency, s.tool, s.audience, s.survey_quarter, s.scale, v.quarter
            order by s.quarter desc, s.as_of desc, s._address.version desc, s._address.file desc,
                s._address.sheet, s._address."row", s._address.path
        ) as place
    from stage.survey_round as s
    join core.file_quarter as v
        on v.agency = s.agency and v.from_quarter = s.quarter
        and v.file = s._address.file and v.version = s._address.version
    where not s.is_superseded
)
select
    md5(concat_ws('|',
            agency,
            coalesce(cast(tool as varchar), ''),
            coalesce(cast(audience as varchar), ''),
            coalesce(cast(survey_quarter as varchar), ''),
            coalesce(cast(scale as varchar), '')))[:16] as survey_round_id,
    agency,
    in_quarter as quarter,
    tool,
    audience,
    survey_quarter,
    sent_count,
    returned_count,
    scale,
    score,
    _address
from in_quarter
where place = 1
