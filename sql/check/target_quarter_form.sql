-- One row per target of a quarter that is none.
-- check: target_quarter_form
-- class: row
-- severity: please_confirm
-- name: Target of no quarter
-- name_fr: Cible sans trimestre valide
-- fix: write the quarter as 2025-26Q2
-- fix_fr: écrivez le trimestre sous la forme 2025-26Q2
--
-- basis: common sense (fiscal year April to March, quarters 1 to 4)
-- applies: targets
select
    t.agency,
    t.quarter,
    'target_quarter' as column_name,
    'is not of the form 2025-26Q2; the target is shown nowhere' as detail,
    t._address
from stage.target as t
where t.is_superseded is not true
    and not regexp_full_match(t.target_quarter, '20[0-9]{2}-[0-9]{2}Q[1-4]')
