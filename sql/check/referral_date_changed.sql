-- One row per episode whose referral date is another than in the delivery before.
-- check: referral_date_changed
-- class: history
-- severity: note
-- name: Referral date changed
-- name_fr: Date d'aiguillage modifiée
-- fix: check which referral date is right; a new referral is a new episode
-- fix_fr: vérifiez laquelle des dates d'aiguillage est exacte; un nouvel aiguillage est un nouvel épisode
--
-- basis: domain.md 1.9 D01, D07 (referrals of a quarter, days from the referral)
-- applies: episodes with a number of their own in snapshots and cumulative files, and a delivery before
with sent as (
    select agency, quarter, client_local_id, episode_local_id, programme, referral_on, _address
    from stage.episode
    where is_superseded is not true and file_kind in ('snapshot', 'cumulative')
        and client_local_id is not null and episode_local_id is not null
    qualify row_number() over (
        partition by agency, quarter, client_local_id, episode_local_id, programme
        order by as_of desc, _address.file desc, _address."row" desc, _address.path) = 1
),
delivered as (
    select agency, quarter, lag(quarter) over (partition by agency order by quarter) as quarter_before
    from (select distinct agency, quarter from sent)
)
select
    t.agency,
    t.quarter,
    'referral_on' as column_name,
    'is another than in the last delivery; counts of an earlier quarter move' as detail,
    t._address
from sent as t
join delivered as d
    on d.agency = t.agency
    and d.quarter = t.quarter
join sent as b
    on b.agency = t.agency
    and b.quarter = d.quarter_before
    and b.client_local_id = t.client_local_id
    and b.episode_local_id = t.episode_local_id
    and b.programme is not distinct from t.programme
where b.referral_on <> t.referral_on
