-- One row per target of a measure that there is not.
-- check: target_measure_unknown
-- class: row
-- severity: please_confirm
-- name: Target of no measure
-- name_fr: Cible sans mesure connue
-- fix: write the measure's id as the list of measures has it
-- fix_fr: inscrivez le code de la mesure tel qu'il figure dans la liste des mesures
--
-- basis: common sense (a target is held against the measure that it names)
-- applies: targets
select
    t.agency,
    t.quarter,
    'measure' as column_name,
    'is the id of no measure; the target is shown nowhere' as detail,
    t._address
from stage.target as t
join stage.setting as s
    on s.name = 'measures'
where t.is_superseded is not true
    and not list_contains(string_split(s.value, ' '), split_part(t.measure, '.', 1))
