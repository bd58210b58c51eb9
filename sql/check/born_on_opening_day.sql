-- One row per client born on the day on which the file was opened.
-- check: born_on_opening_day
-- class: row
-- severity: note
-- name: Born on the opening day
-- name_fr: Naissance le jour de l'ouverture
-- fix: check whether the day of entry was typed as the birth date; if the child was registered at birth, nothing needs to be done
-- fix_fr: vérifiez si le jour de la saisie a été inscrit comme date de naissance; si l'enfant a été inscrit à la naissance, il n'y a rien à faire
--
-- basis: common sense
-- applies: clients with a birth date and an opening date
select
    t.agency,
    t.quarter,
    'birth_date' as column_name,
    'is the day on which the file was opened' as detail,
    t._address
from stage.client as t
where t.is_superseded is not true
    and t.birth_date = t.opened_on
    and coalesce(t.birth_date_precision, 'day') = 'day'
