-- One row per episode that has waited for three years.
-- check: waiting_three_years
-- class: row
-- severity: note
-- name: Waiting for three years
-- name_fr: En attente depuis trois ans
-- fix: check whether the family still waits; close the episode if it does not
-- fix_fr: vérifiez si la famille attend toujours; sinon, fermez l'épisode
--
-- basis: domain.md 1.9 D06 (longest wait), common sense
-- applies: waiting episodes with a referral date
select
    t.agency,
    t.quarter,
    'referral_on' as column_name,
    'the family is said to wait since more than three years' as detail,
    t._address
from stage.episode as t
where t.is_superseded is not true
    and t.status = 'waiting'
    and t.referral_on < t.as_of - interval 3 years
    and t.referral_on >= t.as_of - interval 25 years
