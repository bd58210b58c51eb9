-- One row per episode without a referral date.
-- check: referral_date_missing
-- class: row
-- severity: note
-- name: Episode without a referral date
-- name_fr: Épisode sans date d'aiguillage
-- fix: give the referral date; without it the episode is in no count of referrals and no waiting time
-- fix_fr: indiquez la date d'aiguillage; sans elle, l'épisode n'entre ni dans les aiguillages ni dans les délais
--
-- basis: domain.md 1.9 D01, D07
-- applies: files that fill the referral date of other episodes
select
    t.agency,
    t.quarter,
    'referral_on' as column_name,
    'there is no referral date' as detail,
    t._address
from stage.episode as t
where t.is_superseded is not true
qualify t.referral_on is null
    and count(t.referral_on) over (partition by t.agency, t.quarter, t._address.file) > 0
