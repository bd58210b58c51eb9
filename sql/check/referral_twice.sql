-- One row per referral that stands twice in a file.
-- check: referral_twice
-- class: case
-- severity: note
-- name: One referral on two rows
-- name_fr: Un aiguillage sur deux lignes
-- fix: send one row for each referral
-- fix_fr: envoyez une ligne par aiguillage
--
-- basis: domain.md 7 (only one referral is counted)
-- applies: referrals with a date
select
    t.agency,
    t.quarter,
    'referred_on' as column_name,
    'an earlier row of the file has the same client, direction, category and day' as detail,
    t._address
from stage.referral as t
where t.is_superseded is not true and t.referred_on is not null
qualify row_number() over (
    partition by t.agency, t.quarter, t.as_of, t._address.file, t._address.sheet,
        t.client_local_id, t.episode_local_id, t.direction, t.other_party_category, t.referred_on
    order by t._address."row", t._address.path) > 1
