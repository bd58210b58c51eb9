-- One row per meeting about a client of Coordinated Service Planning and quarter.
-- key: meeting_id, quarter
--
-- The episode is the newest one that was referred by then. Agencies that attended are named in one
-- cell, divided by a semicolon, a comma or a line; a number alone is how many they were. A meeting is
-- the first of its episode when no file of any quarter has an earlier one since the first contact; that
-- can be known only where the agency's files hold meetings from that day on.
with attended as (
    select
        m.*,
        q.starts_on,
        q.ends_on,
        case
            when regexp_full_match(trim(m.attending_currently), '[0-9]{1,2}')
                then cast(trim(m.attending_currently) as integer)
            else len(list_filter(
                string_split_regex(m.attending_currently, '[;,/\n]'), lambda who: trim(who) <> ''))
        end as current_count,
        case
            when regexp_full_match(trim(m.attending_potentially), '[0-9]{1,2}')
                then cast(trim(m.attending_potentially) as integer)
            else len(list_filter(
                string_split_regex(m.attending_potentially, '[;,/\n]'), lambda who: trim(who) <> ''))
        end as potential_count
    from core.meeting as m
    join core.quarter as q on q.quarter = m.quarter
),
of_episode as (
    select
        m.*,
        e.episode_id,
        coalesce(e.employer, m.agency) as employer,
        e.area,
        e.municipality,
        e.first_contact_on,
        row_number() over (
            partition by m.meeting_id, m.quarter
            order by e.referral_on desc nulls last, e.episode_id
        ) as place
    from attended as m
    left join core.csp_episode as e
        on e.agency = m.agency and e.client_local_id = m.client_local_id and e.quarter = m.quarter
        and coalesce(e.referral_on <= m.held_on, true)
),
held as (
    select distinct
        agency,
        client_local_id,
        held_on,
        min(held_on) over (partition by agency) as told_from
    from core.meeting
),
first_held as (
    select m.episode_id, m.quarter, min(h.held_on) as first_held_on, min(h.told_from) as told_from
    from of_episode as m
    join held as h
        on h.agency = m.agency and h.client_local_id = m.client_local_id
        and h.held_on >= m.first_contact_on
    where m.place = 1
    group by m.episode_id, m.quarter
)
select
    m.meeting_id,
    m.quarter,
    m.agency,
    m.employer,
    m.area,
    m.municipality,
    m.episode_id,
    m.held_on,
    m.starts_on,
    m.ends_on,
    m.first_contact_on,
    m.current_count,
    m.potential_count,
    coalesce(m.held_on = f.first_held_on, false) as is_first,
    coalesce(f.told_from <= m.first_contact_on, false) as is_first_known,
    m._address
from of_episode as m
left join first_held as f on f.episode_id = m.episode_id and f.quarter = m.quarter
where m.place = 1
