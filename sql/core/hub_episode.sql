-- One row per family's time with a SmartStart Hub and quarter, as the hub's file says.
-- key: episode_id, quarter
with referred as (
    select
        *,
        row_number() over (
            partition by agency, client_local_id, episode_local_id, quarter
            order by referred_on, referral_id
        ) as place
    from core.referral
    where direction is distinct from 'out'
)
select
    e.episode_id,
    e.quarter,
    e.agency,
    e.client_local_id,
    q.starts_on,
    q.ends_on,
    coalesce(e.referral_on, r.referred_on) as referral_on,
    e.first_contact_on,
    e.about_my_child_on,
    r.other_party_category as source,
    coalesce(c.area, a.area) as area,
    c.municipality,
    e._address
from core.episode as e
join core.quarter as q on q.quarter = e.quarter
left join referred as r
    on r.agency = e.agency and r.client_local_id = e.client_local_id and r.quarter = e.quarter
    and r.episode_local_id is not distinct from e.episode_local_id and r.place = 1
left join core.client as c
    on c.agency = e.agency and c.client_local_id = e.client_local_id and c.quarter = e.quarter
left join stage.agency as a on a.agency = e.agency
where e.programme = 'hub'
