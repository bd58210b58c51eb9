-- One row per client born after the day that the file speaks for.
-- check: future_birth_date
-- class: row
-- severity: please_confirm
-- name: Birth date in the future
-- name_fr: Date de naissance dans le futur
-- fix: correct the birth date in your system
-- fix_fr: corrigez la date de naissance dans votre système
-- sets_null: client.birth_date, client.birth_date_precision
--
-- basis: common sense
-- applies: clients with a birth date
select
    t.agency,
    t.quarter,
    'birth_date' as column_name,
    'later than the day the file speaks for; the birth date is not used' as detail,
    t._address
from stage.client as t
where t.birth_date > t.as_of
