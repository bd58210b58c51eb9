-- One row per episode of a client in a programme and quarter, as its newest file says.
-- key: episode_id, quarter
--
-- The newest file that speaks for the quarter decides. Where an agency sends only what changed, all
-- records of a client are sent again when one changes: its newest delivery replaces the older ones.
with in_quarter as (
    select
        s.*,
        v.quarter as in_quarter,
        row_number() over (
            partition by s.agency, s.client_local_id, s.episode_local_id,
                s.programme, v.quarter
            order by s.quarter desc, s.as_of desc, s._address.version desc, s._address.file desc,
                s._address.sheet, s._address."row", s._address.path
        ) as place
    from stage.episode as s
    join core.file_quarter as v
        on v.agency = s.agency and v.from_quarter = s.quarter
        and v.file = s._address.file and v.version = s._address.version
    left join core.client_sent as c
        on c.agency = s.agency and c.client_local_id = s.client_local_id and c.quarter = v.quarter
    where not s.is_superseded and (v.file_kind <> 'delta' or s.as_of = c.as_of)
)
select
    md5(concat_ws('|',
            agency,
            coalesce(cast(client_local_id as varchar), ''),
            coalesce(cast(episode_local_id as varchar), ''),
            coalesce(cast(programme as varchar), '')))[:16] as episode_id,
    agency,
    in_quarter as quarter,
    client_local_id,
    episode_local_id,
    programme,
    referral_on,
    first_contact_on,
    about_my_child_on,
    intake_on,
    assigned_on,
    started_on,
    inactive_on,
    closed_on,
    reengaged_on,
    intake_decision,
    coordinator,
    employer,
    intensity,
    status,
    status_on,
    reason,
    _address
from in_quarter
where place = 1
