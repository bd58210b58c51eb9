-- One row per referral that does not say who referred.
-- check: referral_source_missing
-- class: row
-- severity: note
-- name: Referral without its source
-- name_fr: Aiguillage sans source
-- fix: give the category of who referred, or of who was referred to
-- fix_fr: indiquez la catégorie de l'organisme ou de la personne en cause
--
-- basis: domain.md 1.9 D01 (referrals received, by source type)
-- applies: files that fill the category of other referrals
select
    t.agency,
    t.quarter,
    'other_party_category' as column_name,
    'there is no category; the referral counts under unknown' as detail,
    t._address
from stage.referral as t
where t.is_superseded is not true
qualify t.other_party_category is null
    and count(t.other_party_category) over (partition by t.agency, t.quarter, t._address.file) > 0
