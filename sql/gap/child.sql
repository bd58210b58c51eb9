-- One row per child counted in a quarter: where it lives, and what cuts divide it by.
-- key: child_id, quarter
--
-- Where files differ on the municipality gap.home decides. Of other facts the middle of what they say
-- counts; one yes is a yes.
with told as (
    select
        child_id,
        quarter,
        min(agency) as agency,
        min(municipality) as municipality,
        min(born_on) as born_on,
        min(home_language) as home_language,
        coalesce(bool_or(francophone), bool_or(home_language = 'fra'), false) as speaks_french,
        bool_or(francophone is not null) as is_francophone_told,
        bool_or(is_indigenous) as is_indigenous,
        bool_or(is_newcomer) as is_newcomer,
        coalesce(min(municipality) < max(municipality), false)
        or coalesce(min(born_on) < max(born_on), false)
        or coalesce(min(home_language) < max(home_language), false) as is_disputed
    from gap.client
    where is_counted
    group by child_id, quarter
),
-- What all files say needs no middle, and most children have one file.
middle as (
    select
        c.child_id,
        c.quarter,
        quantile_disc(c.born_on, 0.5) as born_on,
        quantile_disc(c.home_language, 0.5) as home_language
    from gap.client as c
    join told as t on t.child_id = c.child_id and t.quarter = c.quarter
    where c.is_counted and t.is_disputed
    group by c.child_id, c.quarter
),
-- Two selects, so that only the disputed are joined.
settled as (
    select
        child_id, quarter, agency, municipality, born_on, home_language,
        speaks_french, is_francophone_told, is_indigenous, is_newcomer
    from told
    where not is_disputed
    union all
    select
        t.child_id, t.quarter, t.agency, coalesce(h.municipality, t.municipality), m.born_on, m.home_language,
        t.speaks_french, t.is_francophone_told, t.is_indigenous, t.is_newcomer
    from told as t
    join middle as m on m.child_id = t.child_id and m.quarter = t.quarter
    left join gap.home as h on h.child_id = t.child_id and h.quarter = t.quarter
    where t.is_disputed
),
aged as (
    select
        t.*,
        date_diff('year', t.born_on, q.starts_on) - if(100 * month(t.born_on) + day(t.born_on)
            > 100 * month(q.starts_on) + day(q.starts_on), 1, 0) as age
    from settled as t
    join core.quarter as q on q.quarter = t.quarter
)
select
    t.child_id,
    t.quarter,
    coalesce(k.area, a.area, 'unknown') as area,
    coalesce(t.municipality, 'unknown') as municipality,
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
left join (
    select municipality, min(area) as area
    from stage.municipality
    group by municipality
) as k on k.municipality = t.municipality
left join stage.agency as a on a.agency = t.agency
