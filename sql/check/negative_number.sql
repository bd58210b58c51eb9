-- One row per number that cannot be below zero.
-- check: negative_number
-- class: row
-- severity: please_confirm
-- name: Negative number
-- name_fr: Nombre négatif
-- fix: correct the number in your system
-- fix_fr: corrigez le nombre dans votre système
-- sets_null: service.hours when hours < 0, survey.score when score < 0, capacity.places when places < 0
--
-- basis: common sense
-- applies: hours, scores and places
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
