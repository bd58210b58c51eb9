-- One row per coordinator whose full-time equivalent no person can have.
-- check: fte_out_of_range
-- class: row
-- severity: please_confirm
-- name: Full-time equivalent out of range
-- name_fr: Équivalent temps plein hors limites
-- fix: write the share of a full-time position, such as 0.6 or 1
-- fix_fr: inscrivez la fraction d'un poste à temps plein, par exemple 0,6 ou 1
--
-- basis: domain.md 1.9 D14 (heads and full-time equivalents)
-- applies: coordinators with a full-time equivalent
select
    t.agency,
    t.quarter,
    'fte' as column_name,
    'is not between 0 and 1.5; hours a week or a percentage may have been written' as detail,
    t._address
from stage.coordinator as t
where t.is_superseded is not true
    and (t.fte < 0 or t.fte > 1.5)
