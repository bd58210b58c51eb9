-- One row per client who was 22 or older on the first day of the quarter.
-- check: over_age
-- class: row
-- severity: please_confirm
-- name: Client over the age range
-- name_fr: Client au-delà de la limite d'âge
-- fix: check the birth date; a child or youth is counted up to 21
-- fix_fr: vérifiez la date de naissance; un enfant ou un jeune est compté jusqu'à 21 ans
select
    t.agency,
    t.quarter,
    'birth_date' as column_name,
    'older than 21 on the first day of the quarter; left out of counts of children' as detail,
    t._address
from stage.client as t
where t.birth_date > date '1900-01-01'
    and t.birth_date + interval 22 year <= cast(concat(
        cast(left(t.quarter, 4) as integer) + case when right(t.quarter, 1) = '4' then 1 else 0 end,
        case right(t.quarter, 1) when '1' then '-04-01' when '2' then '-07-01' when '3' then '-10-01' else '-01-01' end) as date)
