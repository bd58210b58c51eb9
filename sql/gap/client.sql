-- One row per client with an open file in the quarter: its child, and where the file says it lives.
-- key: agency, client_local_id, quarter
--
-- The municipality is the one written in the file; where that is missing or not in the workspace's
-- list, the one to which the list gives the first three characters of the postal code. A move is the
-- newest quarter in which the agency's own file named another municipality than the quarter before.
with told as (
    select
        c.agency,
        c.client_local_id,
        c.quarter,
        f.child_id,
        f.is_counted,
        f.left_out_by,
        coalesce(c.municipality, p.municipality) as municipality,
        case
            when c.municipality is not null then 'municipality'
            when p.municipality is not null then 'postal_code'
            else 'none'
        end as placed_by,
        coalesce(c.placement = 'foster_care', false) as is_in_care,
        c.opened_on,
        if(c.birth_date > date '1905-01-01', c.birth_date, null) as born_on,
        regexp_extract(c.languages, '^[a-z]+') as home_language,
        c.francophone,
        nullif(lower(trim(c.indigenous_identity)), '') as indigenous,
        c.newcomer
    from core.client as c
    join link.client_family as f
        on f.agency = c.agency and f.client_local_id = c.client_local_id and f.quarter = c.quarter
    left join stage.municipality as p
        on p.spelling = left(regexp_replace(upper(c.postal_code), '[^A-Z0-9]', '', 'g'), 3)
    where c.is_active
),
before as (
    select
        *,
        lag(municipality) over (partition by agency, client_local_id order by quarter) as was
    from told
)
select
    agency,
    client_local_id,
    quarter,
    child_id,
    is_counted,
    left_out_by,
    municipality,
    placed_by,
    is_in_care,
    opened_on,
    -- Only the order of moves matters; the quarter's own number keeps it.
    max(case when was <> municipality then quarter end) over (
        partition by agency, client_local_id order by quarter
    ) as moved_in,
    born_on,
    nullif(home_language, '') as home_language,
    francophone,
    case
        when indigenous in ('no', 'none', 'not indigenous', 'n', 'non', 'aucune', 'false', '0') then false
        when indigenous not in ('unknown', 'inconnu', 'inconnue', 'not asked', 'declined', 'refused', '?') then true
    end as is_indigenous,
    newcomer as is_newcomer
from before
