-- One row per score outside of its tool's scale.
-- check: score_off_scale
-- class: row
-- severity: please_confirm
-- name: Score outside of the scale
-- name_fr: Note hors de l'échelle
-- fix: correct the score; not applicable is an empty cell
-- fix_fr: corrigez la note; une réponse sans objet reste vide
-- sets_null: survey.score when lower(tool) like '%mpoc%' and (score > 7 or score between 0 and 0.999)
--
-- basis: domain.md 1.8 (MPOC answers run from 1 to 7)
-- applies: surveys whose tool is MPOC; scores below zero are negative_number
select
    t.agency,
    t.quarter,
    cast(null as varchar) as column_name,
    concat('score of ', t.scale, ' is not from 1 to 7; the number is not used') as detail,
    t._address
from stage.survey as t
where t.is_superseded is not true
    and lower(t.tool) like '%mpoc%'
    and (t.score > 7 or t.score between 0 and 0.999)
