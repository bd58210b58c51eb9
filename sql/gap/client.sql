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
        on p.spelling = case when c.municipality is null
            then left(regexp_replace(upper(c.postal_code), '[^A-Z0-9]', '', 'g'), 3) end
    where c.is_active
),
-- Most never move, and only of those who do is the order looked at.
mover as (
    select agency, client_local_id
    from told
    group by agency, client_local_id
    having min(municipality) <> max(municipality)
),
before as (
    select
        t.agency,
        t.client_local_id,
        t.quarter,
        t.municipality,
        lag(t.municipality) over (
            partition by t.agency, t.client_local_id order by t.quarter
        ) as was
    from told as t
    join mover as m on m.agency = t.agency and m.client_local_id = t.client_local_id
),
moved as (
    select
        agency,
        client_local_id,
        quarter,
        -- Only the order of moves matters; the quarter's own number keeps it.
        max(case when was <> municipality then quarter end) over (
            partition by agency, client_local_id order by quarter
        ) as moved_in
    from before
)
select
    t.agency,
    t.client_local_id,
    t.quarter,
    t.child_id,
    t.is_counted,
    t.left_out_by,
    t.municipality,
    t.placed_by,
    t.is_in_care,
    t.opened_on,
    m.moved_in,
    t.born_on,
    nullif(t.home_language, '') as home_language,
    t.francophone,
    case
        when t.indigenous in ('no', 'none', 'not indigenous', 'n', 'non', 'aucune', 'false', '0') then false
        when t.indigenous not in ('unknown', 'inconnu', 'inconnue', 'not asked', 'declined', 'refused', '?') then true
    end as is_indigenous,
    t.newcomer as is_newcomer
from told as t
left join moved as m
    on m.agency = t.agency and m.client_local_id = t.client_local_id and m.quarter = t.quarter
