-- One row per Coordinated Service Planning episode and quarter, with its plan, referral and client.
-- key: episode_id, quarter
-- assert: not (is_active and is_waiting)
-- assert: is_review_due or not is_review_on_time
--
-- The state of the case at the end of the quarter, by that quarter's file. Coordinators are counted
-- where they are employed: the Coordinating Agency reports on all of them, whoever employs them.
with referred as (
    select
        *,
        row_number() over (
            partition by agency, client_local_id, episode_local_id, quarter
            order by referred_on, referral_id
        ) as place
    from core.referral
    where direction is distinct from 'out'
),
ended as (
    select
        e.*,
        q.starts_on,
        q.ends_on,
        coalesce(e.inactive_on, case when e.status = 'inactive' then e.status_on end)
            as inactivated_on,
        coalesce(e.closed_on, case when e.status = 'closed' then e.status_on end) as finished_on
    from core.episode as e
    join core.quarter as q on q.quarter = e.quarter
    where e.programme = 'csp'
),
dated as (
    select
        e.*,
        -- A family that came back after an end is there again, from that day on.
        case
            when e.reengaged_on > least(e.inactivated_on, e.finished_on)
                and e.reengaged_on <= e.ends_on
                then case when e.finished_on >= e.reengaged_on then e.finished_on end
            else least(e.inactivated_on, e.finished_on)
        end as ended_on
    from ended as e
),
stated as (
    select
        d.*,
        coalesce(d.ended_on <= d.ends_on, d.status in ('inactive', 'closed'), false) as is_ended,
        -- A decision without a date is taken as made; who was not accepted does not wait.
        coalesce(d.intake_decision <> 'accepted', false)
            and coalesce(d.intake_on <= d.ends_on, true) as is_turned_away
    from dated as d
)
select
    e.episode_id,
    e.agency,
    e.client_local_id,
    e.episode_local_id,
    e.coordinator,
    e.quarter,
    e.starts_on,
    e.ends_on,
    coalesce(e.referral_on, r.referred_on) as referral_on,
    e.first_contact_on,
    e.intake_on,
    e.assigned_on,
    p.written_on,
    p.shared_on,
    p.reviewed_on,
    p.review_was_due_on,
    p.next_review_due_on,
    p.transition_started_on,
    e.inactivated_on as inactive_on,
    e.reengaged_on,
    e.ended_on,
    c.birth_date,
    e.status,
    e.intake_decision,
    r.other_party_category as source,
    e.reason,
    -- Without a coordinator the case is with the agency that holds it; without a municipality in
    -- that agency's area.
    coalesce(e.employer, e.agency) as employer,
    coalesce(c.area, a.area) as area,
    c.municipality,
    e.is_ended,
    coalesce(e.assigned_on <= e.ends_on, false) and not e.is_ended as is_active,
    coalesce(coalesce(e.referral_on, r.referred_on) <= e.ends_on, false)
        and not coalesce(e.assigned_on <= e.ends_on, false)
        and not e.is_ended and not e.is_turned_away as is_waiting,
    -- Due is the date that the last review answered, or one that is still open.
    coalesce(p.review_was_due_on between e.starts_on and e.ends_on, false)
        or coalesce(p.next_review_due_on between e.starts_on and e.ends_on, false) as is_review_due,
    coalesce(p.review_was_due_on between e.starts_on and e.ends_on
        and p.reviewed_on <= p.review_was_due_on, false) as is_review_on_time,
    e._address,
    p._address as _plan_address
from stated as e
left join core.plan as p
    on p.agency = e.agency and p.client_local_id = e.client_local_id and p.quarter = e.quarter
    and p.episode_local_id is not distinct from e.episode_local_id
left join referred as r
    on r.agency = e.agency and r.client_local_id = e.client_local_id and r.quarter = e.quarter
    and r.episode_local_id is not distinct from e.episode_local_id and r.place = 1
left join core.client as c
    on c.agency = e.agency and c.client_local_id = e.client_local_id and c.quarter = e.quarter
left join stage.agency as a on a.agency = e.agency
