-- One row per caregiver of a client and quarter, as the newest file for that quarter says.
-- key: caregiver_id, quarter
--
-- The newest file that speaks for the quarter decides. Where an agency sends only what changed, all
-- records of a client are sent again when one changes: its newest delivery replaces the older ones.
with in_quarter as (
    select
        s.*,
        v.quarter as in_quarter,
        row_number() over (
            partition by s.agency, s.client_local_id, s.caregiver_number, v.quarter
            order by s.quarter desc, s.as_of desc, s._address.version desc, s._address.file desc,
                s._address.sheet, s._address."row", s._address.path
        ) as place
    from stage.caregiver as s
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
            coalesce(cast(caregiver_number as varchar), '')))[:16] as caregiver_id,
    agency,
    in_quarter as quarter,
    client_local_id,
    caregiver_number,
    relationship,
    given_name,
    family_name,
    phone,
    email,
    street_address,
    lives_with,
    is_primary,
    _address
from in_quarter
where place = 1
-- What is asked of one client reads a few blocks, for its rows lie together.
order by agency, client_local_id, in_quarter
