-- One row per score that nobody answered for.
-- check: survey_without_answers
-- class: row
-- severity: please_confirm
-- name: Score without answers
-- name_fr: Note sans réponse
-- fix: give the number of answers, or remove the score
-- fix_fr: indiquez le nombre de réponses, ou retirez la note
--
-- basis: domain.md 1.8 (import scale scores and response counts)
-- applies: surveys with a number of answers
select
    t.agency,
    t.quarter,
    'respondent_count' as column_name,
    'there is a score and fewer than one answer behind it' as detail,
    t._address
from stage.survey as t
where t.is_superseded is not true
    and t.score is not null
    and t.respondent_count < 1
