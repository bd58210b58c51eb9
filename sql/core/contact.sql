-- One row per contact of an agency and quarter, as the newest file for that quarter says.
-- key: contact_id, quarter
--
-- The newest file that speaks for the quarter decides.
with in_quarter as (
    select
        s.*,
        v.quarter as in_quarter,
        row_number() over (
            partition by s.agency, s.contact_agency, s.contact_role, v.quarter
            order by s.quarter desc, s.as_of desc, s._address.version desc, s._address.file desc,
                s._address.sheet, s._address."row", s._address.path
        ) as place
    from stage.contact as s
    join core.file_quarter as v
        on v.agency = s.agency and v.from_quarter = s.quarter
        and v.file = s._address.file and v.version = s._address.version
    where not s.is_superseded
)
select
    md5(concat_ws('|',
            agency,
            coalesce(cast(contact_agency as varchar), ''),
            coalesce(cast(contact_role as varchar), '')))[:16] as contact_id,
    agency,
    in_quarter as quarter,
    contact_agency,
    contact_role,
    email,
    contact_language,
    _address
from in_quarter
where place = 1
