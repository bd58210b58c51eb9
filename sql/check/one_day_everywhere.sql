-- One row per file and date column in which most rows bear one day.
-- check: one_day_everywhere
-- class: section
-- severity: note
-- name: Most dates on one day
-- name_fr: La plupart des dates le même jour
-- fix: check whether the day is that of a change of systems; send the true dates if you have them
-- fix_fr: vérifiez s'il s'agit du jour d'un changement de système; envoyez les dates réelles si vous les avez
--
-- basis: common sense (waits and durations would be those of the change of systems)
-- applies: files with at least 30 such dates
with told as (
    select agency, quarter, 'opened_on' as column_name, opened_on as day, _address.file as file,
        _address.version as version, _address.sheet as sheet
    from stage.client
    where is_superseded is not true
    union all
    select agency, quarter, 'signed_on', signed_on, _address.file, _address.version, _address.sheet
    from stage.consent
    where is_superseded is not true
    union all
    select agency, quarter, 'referral_on', referral_on, _address.file, _address.version, _address.sheet
    from stage.episode
    where is_superseded is not true
    union all
    select agency, quarter, 'requested_on', requested_on, _address.file, _address.version, _address.sheet
    from stage.service
    where is_superseded is not true
    union all
    select agency, quarter, 'identified_on', identified_on, _address.file, _address.version, _address.sheet
    from stage.need
    where is_superseded is not true
    union all
    select agency, quarter, 'joined_on', joined_on, _address.file, _address.version, _address.sheet
    from stage.wait
    where is_superseded is not true
),
per_day as (
    select agency, quarter, column_name, file, version, sheet, day, count(*) as n
    from told
    where day is not null
    group by all
)
select
    t.agency,
    t.quarter,
    t.column_name,
    concat(max(t.n), ' of ', sum(t.n), ' rows bear one and the same day') as detail,
    {quarter: t.quarter, file: t.file, version: t.version, sheet: t.sheet, "row": cast(null as bigint), path: cast(null as varchar)} as _address
from per_day as t
group by t.agency, t.quarter, t.column_name, t.file, t.version, t.sheet
having sum(t.n) >= 30 and max(t.n) > 0.8 * sum(t.n)
