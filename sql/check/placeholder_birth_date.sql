-- One row per client whose birth date stands for an unknown one.
-- check: placeholder_birth_date
-- class: row
-- severity: note
-- name: Birth date stands for unknown
-- name_fr: Date de naissance fictive
-- fix: leave the birth date empty when it is not known
-- fix_fr: laissez la date de naissance vide lorsqu'elle est inconnue
-- sets_null: client.birth_date, client.birth_date_precision
--
-- basis: common sense (1900 and 1901 are what systems write for none)
-- applies: clients with a birth date
select
    t.agency,
    t.quarter,
    'birth_date' as column_name,
    'a day that stands for an unknown one; the birth date is not used' as detail,
    t._address
from stage.client as t
where t.birth_date <= date '1901-01-01'
