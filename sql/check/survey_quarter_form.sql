-- One row per round of a survey of a quarter that is none.
-- check: survey_quarter_form
-- class: row
-- severity: please_confirm
-- name: Survey of no quarter
-- name_fr: Sondage sans trimestre valide
-- fix: write the quarter as 2025-26Q2
-- fix_fr: écrivez le trimestre sous la forme 2025-26Q2
--
-- basis: common sense (fiscal year April to March, quarters 1 to 4)
-- applies: rounds of surveys
select
    t.agency,
    t.quarter,
    'survey_quarter' as column_name,
    'is not of the form 2025-26Q2; the survey is counted nowhere' as detail,
    t._address
from stage.survey_round as t
where t.is_superseded is not true
    and (regexp_full_match(t.survey_quarter, '20[0-9]{2}-[0-9]{2}Q[1-4]')) is not true
    and coalesce(t.sent_count, t.returned_count) is not null
