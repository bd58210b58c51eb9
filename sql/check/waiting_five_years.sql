-- One row per wait of more than five years.
-- check: waiting_five_years
-- class: row
-- severity: note
-- name: On the list for five years
-- name_fr: Sur la liste depuis cinq ans
-- fix: check whether the child still waits; take it off the list if it does not
-- fix_fr: vérifiez si l'enfant attend toujours; sinon, retirez-le de la liste
--
-- basis: domain.md 1.9 D06 (longest wait), common sense
-- applies: waits without a day of leaving
select
    t.agency,
    t.quarter,
    'joined_on' as column_name,
    'the child is said to wait since more than five years' as detail,
    t._address
from stage.wait as t
where t.is_superseded is not true
    and t.left_on is null
    and t.joined_on < t.as_of - interval 5 years
    and t.joined_on >= t.as_of - interval 25 years
