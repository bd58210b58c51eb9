-- One row per referral of a client and quarter, with where the client lives.
-- key: referral_id, quarter
--
-- The programme is that of the episode that the referral names, else of the client's newest one; its
-- end is the end of that episode.
with enrolled as (
    select
        agency,
        client_local_id,
        episode_local_id,
        quarter,
        programme,
        referral_on,
        episode_id,
        least(inactive_on, closed_on, case when status in ('inactive', 'closed') then status_on end)
            as ended_on
    from core.episode
),
of_episode as (
    select
        r.*,
        e.programme,
        e.ended_on,
        row_number() over (
            partition by r.referral_id, r.quarter
            order by e.referral_on desc nulls last, e.episode_id
        ) as place
    from core.referral as r
    left join enrolled as e
        on e.agency = r.agency and e.client_local_id = r.client_local_id and e.quarter = r.quarter
        and coalesce(r.episode_local_id = e.episode_local_id, true)
)
select
    r.referral_id,
    r.quarter,
    r.agency,
    r.client_local_id,
    r.referred_on,
    r.direction,
    r.other_party_category,
    r.kind,
    r.outcome,
    r.programme,
    r.ended_on,
    q.starts_on,
    q.ends_on,
    coalesce(c.area, a.area) as area,
    c.municipality,
    coalesce(r.other_party_category = a.category, false) as is_own,
    r._address
from of_episode as r
join core.quarter as q on q.quarter = r.quarter
left join core.client as c
    on c.agency = r.agency and c.client_local_id = r.client_local_id and c.quarter = r.quarter
left join stage.agency as a on a.agency = r.agency
where r.place = 1
