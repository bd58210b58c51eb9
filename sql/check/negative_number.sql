-- One row per number that cannot be below zero.
-- check: negative_number
-- class: row
-- severity: please_confirm
-- name: Negative number
-- name_fr: Nombre négatif
-- fix: correct the number in your system
-- fix_fr: corrigez le nombre dans votre système
-- sets_null: service.hours when hours < 0, survey.score when score < 0, capacity.places when places < 0, survey_round.sent_count when sent_count < 0, survey_round.returned_count when returned_count < 0
--
-- basis: common sense
-- applies: hours, scores, places and surveys sent or returned
select
    t.agency,
    t.quarter,
    'hours' as column_name,
    'below zero; the number is not used' as detail,
    t._address
from stage.service as t
where t.hours < 0
union all
select
    t.agency,
    t.quarter,
    cast(null as varchar) as column_name,
    concat('score of ', t.scale, ' is below zero; the number is not used') as detail,
    t._address
from stage.survey as t
where t.score < 0
union all
select
    t.agency,
    t.quarter,
    'places' as column_name,
    'below zero; the number is not used' as detail,
    t._address
from stage.capacity as t
where t.places < 0
union all
select
    t.agency,
    t.quarter,
    if(t.sent_count < 0, 'sent_count', 'returned_count') as column_name,
    'below zero; the number is not used' as detail,
    t._address
from stage.survey_round as t
where least(t.sent_count, t.returned_count) < 0
