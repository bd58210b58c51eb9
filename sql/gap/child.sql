-- One row per child counted in a quarter: where it lives, and what cuts divide it by.
-- key: child_id, quarter
--
-- Where agencies differ on the municipality: the placement of a child in care; else the newest move;
-- else what most files say; else the file opened last. Of other facts the middle of what the files
-- say counts; one yes is a yes.
with placed as (
    select
        child_id,
        quarter,
        municipality,
        row_number() over (
            partition by child_id, quarter
            order by not is_in_care, moved_in desc nulls last, votes desc, opened_on desc nulls last,
                agency, client_local_id
        ) as place
    from (
        select *, count(*) over (partition by child_id, quarter, municipality) as votes
        from gap.client
        where is_counted and municipality is not null
    )
),
told as (
    select
        child_id,
        quarter,
        min(agency) as agency,
        quantile_disc(born_on, 0.5) as born_on,
        quantile_disc(home_language, 0.5) as home_language,
        coalesce(bool_or(francophone), bool_or(home_language = 'fra'), false) as speaks_french,
        bool_or(francophone is not null) as is_francophone_told,
        bool_or(is_indigenous) as is_indigenous,
        bool_or(is_newcomer) as is_newcomer
    from gap.client
    where is_counted
    group by child_id, quarter
),
known as (
    select municipality, min(area) as area
    from stage.municipality
    group by municipality
),
aged as (
    select
        t.*,
        date_diff('year', t.born_on, q.starts_on)
            - if(strftime(t.born_on, '%m%d') > strftime(q.starts_on, '%m%d'), 1, 0) as age
    from told as t
    join core.quarter as q on q.quarter = t.quarter
)
select
    t.child_id,
    t.quarter,
    coalesce(k.area, a.area, 'unknown') as area,
    coalesce(p.municipality, 'unknown') as municipality,
    case
        when t.age is null or t.age < 0 then 'unknown'
        when t.age <= 3 then '00-03'
        when t.age <= 5 then '04-05'
        when t.age <= 11 then '06-11'
        when t.age <= 17 then '12-17'
        else '18+'
    end as age_band,
    coalesce(t.home_language, 'unknown') as home_language,
    case
        when t.speaks_french or t.home_language = 'fra' then 'yes'
        when t.is_francophone_told or t.home_language is not null then 'no'
        else 'unknown'
    end as francophone_code,
    case when t.is_indigenous then 'yes' when not t.is_indigenous then 'no' else 'unknown' end
        as indigenous_code,
    case when t.is_newcomer then 'yes' when not t.is_newcomer then 'no' else 'unknown' end
        as newcomer_code
from aged as t
left join placed as p on p.child_id = t.child_id and p.quarter = t.quarter and p.place = 1
left join known as k on k.municipality = p.municipality
left join stage.agency as a on a.agency = t.agency
