-- One row per episode whose first contact comes before its referral.
-- check: contact_before_referral
-- class: row
-- severity: please_confirm
-- name: First contact before the referral
-- name_fr: Premier contact avant l'aiguillage
-- fix: correct the date of the first contact or of the referral
-- fix_fr: corrigez la date du premier contact ou de l'aiguillage
--
-- basis: domain.md 1.3 (the referral comes first), 1.9 D07
-- applies: episodes with both dates
select
    t.agency,
    t.quarter,
    'first_contact_on' as column_name,
    'the first contact comes before the referral; both dates are used as they came' as detail,
    t._address
from stage.episode as t
where t.first_contact_on < t.referral_on
