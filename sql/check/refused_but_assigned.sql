-- One row per episode that was turned away and has a coordinator.
-- check: refused_but_assigned
-- class: row
-- severity: please_confirm
-- name: Turned away, yet assigned
-- name_fr: Refusé, mais une personne est affectée
-- fix: correct the intake decision, or remove the assignment
-- fix_fr: corrigez la décision d'admission, ou retirez l'affectation
--
-- basis: domain.md 1.2 (not accepted: a warm referral), 1.3 step 4 (the coordinator comes after intake)
-- applies: episodes with an intake decision
select
    t.agency,
    t.quarter,
    'intake_decision' as column_name,
    'was not accepted, and a coordinator was assigned after that' as detail,
    t._address
from stage.episode as t
where t.is_superseded is not true
    and t.intake_decision in ('warm_referral', 'not_accepted', 'withdrew')
    and t.assigned_on >= t.intake_on
