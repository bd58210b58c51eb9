-- One row per client and quarter, as the newest file for that quarter says.
-- key: agency, client_local_id, quarter
--
-- A client is active when its file was open on any day of the quarter. One that is closed without a
-- date was so on some day of the first quarter that says it. Of several monthly files the newest that
-- holds the client decides.
with in_quarter as (
    select
        s.*,
        v.quarter as in_quarter,
        row_number() over (
            partition by s.agency, s.client_local_id, v.quarter
            order by s.quarter desc, s.as_of desc, s._address.version desc, s._address.file desc,
                s._address.sheet, s._address."row", s._address.path
        ) as place
    from stage.client as s
    join core.file_quarter as v
        on v.agency = s.agency and v.from_quarter = s.quarter
        and v.file = s._address.file and v.version = s._address.version
    where not s.is_superseded
),
sent as (
    select
        *,
        lag(status) over (partition by agency, client_local_id order by in_quarter) as status_before
    from in_quarter
    where place = 1
),
aged as (
    -- Whole years on the first day of the quarter. A birth date of 1900 stands for none.
    select distinct
        i.birth_date,
        i.in_quarter,
        date_diff('year', i.birth_date, q.starts_on)
            - if(strftime(i.birth_date, '%m%d') > strftime(q.starts_on, '%m%d'), 1, 0) as age
    from in_quarter as i
    join core.quarter as q on q.quarter = i.in_quarter
    where i.birth_date > date '1905-01-01'
),
known as (
    select municipality, min(area) as area
    from stage.municipality
    group by municipality
)
select
    c.agency,
    c.client_local_id,
    c.in_quarter as quarter,
    c.given_name,
    c.middle_names,
    c.family_name,
    c.family_name_at_birth,
    c.preferred_name,
    c.birth_date,
    c.birth_date_precision,
    c.sex,
    c.gender,
    c.languages,
    c.francophone,
    c.indigenous_identity,
    c.newcomer,
    c.phone,
    c.email,
    c.street_address,
    c.municipality,
    c.postal_code,
    c.school,
    c.school_board,
    c.family_local_id,
    c.placement,
    c.status,
    c.opened_on,
    c.closed_on,
    c.health_number,
    coalesce(k.area, a.area) as area,
    coalesce(c.opened_on <= q.ends_on, true)
        and coalesce(
            c.closed_on >= q.starts_on,
            c.status is distinct from 'closed' or c.status_before is distinct from 'closed'
        ) as is_active,
    -- Of unknown age is not over age; 21 is the limit in school (CSP3).
    coalesce(g.age > coalesce((
        select max(cast(value as integer))
        from stage.setting
        where name = 'age_limit_in_school'), 21), false) as is_over_age,
    c._address
from sent as c
join core.quarter as q on q.quarter = c.in_quarter
left join aged as g on g.birth_date = c.birth_date and g.in_quarter = c.in_quarter
left join known as k on k.municipality = c.municipality
left join stage.agency as a on a.agency = c.agency
-- What is asked of one client reads a few blocks, for its rows lie together.
order by c.agency, c.client_local_id, c.in_quarter
