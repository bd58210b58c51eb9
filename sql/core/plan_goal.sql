-- One row per goal of a Coordinated Service Plan and quarter: what became of it.
-- key: goal_id, quarter
-- assert: not (is_met and is_carried_on)
--
-- Settled in the quarter is a goal whose date says so or, without a date, one that the file of the
-- quarter before still had in progress, or that was set in the quarter. Without either nobody can say
-- when.
with told as (
    select
        g.*,
        q.starts_on,
        q.ends_on,
        g.status in ('achieved', 'dropped') as is_settled,
        lag(g.status) over (partition by g.goal_id order by g.quarter) as status_before
    from core.goal as g
    join core.quarter as q on q.quarter = g.quarter
),
judged as (
    select
        *,
        coalesce(case
            when not is_settled then false
            when status_on is not null then status_on between starts_on and ends_on
            when status_before is not null then status_before = 'in_progress'
            else set_on between starts_on and ends_on
        end, false) as is_settled_now
    from told
)
select
    g.goal_id,
    g.quarter,
    g.agency,
    coalesce(e.employer, g.agency) as employer,
    e.area,
    e.municipality,
    g.area_code,
    g.set_on,
    g.status,
    coalesce(g.set_on between g.starts_on and g.ends_on, false) as is_set,
    g.is_settled_now and g.status = 'achieved' as is_met,
    g.is_settled_now and g.status = 'dropped' as is_dropped,
    coalesce(g.status = 'in_progress' and g.set_on <= g.ends_on and not e.is_ended, false)
        as is_carried_on,
    coalesce(g.is_settled and g.status_on is null and g.status_before is null, false)
        and not g.is_settled_now as has_no_date,
    g._address
from judged as g
left join core.csp_episode as e
    on e.agency = g.agency and e.client_local_id = g.client_local_id and e.quarter = g.quarter
    and e.episode_local_id is not distinct from g.episode_local_id
