-- One row per service that somebody offers in a municipality and quarter, as its newest file says.
-- key: local_service_id, quarter
--
-- The newest file that speaks for the quarter decides.
with in_quarter as (
    select
        s.*,
        v.quarter as in_quarter,
        row_number() over (
            partition by s.agency, s.service_type, s.offered_by, s.municipality, v.quarter
            order by s.quarter desc, s.as_of desc, s._address.version desc, s._address.file desc,
                s._address.sheet, s._address."row", s._address.path
        ) as place
    from stage.local_service as s
    join core.file_quarter as v
        on v.agency = s.agency and v.from_quarter = s.quarter
        and v.file = s._address.file and v.version = s._address.version
    where not s.is_superseded
)
select
    md5(concat_ws('|',
            agency,
            coalesce(cast(service_type as varchar), ''),
            coalesce(cast(offered_by as varchar), ''),
            coalesce(cast(municipality as varchar), '')))[:16] as local_service_id,
    agency,
    in_quarter as quarter,
    service_type,
    offered_by,
    municipality,
    service_language,
    from_age,
    to_age,
    how_to_reach,
    _address
from in_quarter
where place = 1
