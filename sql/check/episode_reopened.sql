-- One row per episode that was closed in the delivery before and is open again without a word.
-- check: episode_reopened
-- class: history
-- severity: please_confirm
-- name: Closed episode is open again
-- name_fr: Épisode fermé de nouveau ouvert
-- fix: give the day on which the family was re-engaged, or the closing date
-- fix_fr: indiquez la date de reprise, ou la date de fermeture
--
-- basis: domain.md 1.3 (re-engaged is a state), 6 (status_date)
-- applies: episodes in snapshots and cumulative files, and a delivery before
with sent as (
    select agency, quarter, client_local_id, episode_local_id, programme, closed_on, reengaged_on,
        status, _address
    from stage.episode
    where is_superseded is not true and file_kind in ('snapshot', 'cumulative')
        and client_local_id is not null
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
    'closed_on' as column_name,
    'had a closing date in the last delivery, and has neither that nor a day of re-engagement now' as detail,
    t._address
from sent as t
join delivered as d
    on d.agency = t.agency
    and d.quarter = t.quarter
join sent as b
    on b.agency = t.agency
    and b.quarter = d.quarter_before
    and b.client_local_id = t.client_local_id
    and b.episode_local_id is not distinct from t.episode_local_id
    and b.programme is not distinct from t.programme
where b.closed_on is not null
    and t.closed_on is null
    and t.reengaged_on is null
    and coalesce(t.status, 'active') in ('active', 'waiting')
