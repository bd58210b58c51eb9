-- One row per episode with an intake decision and no day of it, or a day and no decision.
-- check: intake_half_filled
-- class: row
-- severity: note
-- name: Intake half filled in
-- name_fr: Admission à moitié remplie
-- fix: give both the intake decision and its day
-- fix_fr: indiquez à la fois la décision d'admission et sa date
--
-- basis: domain.md 1.9 D02 (intakes completed, by decision)
-- applies: files that fill both for other episodes
select
    t.agency,
    t.quarter,
    if(t.intake_on is null, 'intake_on', 'intake_decision') as column_name,
    'of decision and day one is there and the other is not' as detail,
    t._address
from stage.episode as t
where t.is_superseded is not true
qualify (t.intake_on is null) <> (t.intake_decision is null)
    and count(t.intake_on) over (partition by t.agency, t.quarter, t._address.file) > 0
    and count(t.intake_decision) over (partition by t.agency, t.quarter, t._address.file) > 0
