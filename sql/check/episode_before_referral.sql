-- One row per episode with a step before its referral.
-- check: episode_before_referral
-- class: row
-- severity: please_confirm
-- name: Step before the referral
-- name_fr: Étape antérieure à l'aiguillage
-- fix: correct the date that is named, or that of the referral
-- fix_fr: corrigez la date indiquée, ou celle de l'aiguillage
--
-- basis: domain.md 1.3 (referral, intake, coordinator, in this order)
-- applies: episodes with a referral date
-- A first contact before the referral is contact_before_referral; where both lie before, the referral date is at
-- fault and said once.
select
    t.agency,
    t.quarter,
    case when t.intake_on < t.referral_on then 'intake_on'
        when t.assigned_on < t.referral_on then 'assigned_on'
        when t.started_on < t.referral_on then 'started_on'
        when t.inactive_on < t.referral_on then 'inactive_on'
        else 'closed_on' end as column_name,
    'lies before the referral; both dates are used as they came' as detail,
    t._address
from stage.episode as t
where t.is_superseded is not true
    and least(t.intake_on, t.assigned_on, t.started_on, t.inactive_on, t.closed_on) < t.referral_on
    and (t.first_contact_on < t.referral_on) is not true
