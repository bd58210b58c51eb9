-- One row per file in which many children are born on the first of January.
-- check: born_on_january_first
-- class: section
-- severity: please_confirm
-- name: Many born on the first of January
-- name_fr: Beaucoup de naissances le 1er janvier
-- fix: send the true birth dates; where only the year is known, send the year alone
-- fix_fr: envoyez les vraies dates de naissance; si seule l'année est connue, envoyez l'année seule
--
-- basis: common sense (one child in 365; systems write that day when they know the year alone)
-- applies: files with at least 30 birth dates known to the day
select
    t.agency,
    t.quarter,
    'birth_date' as column_name,
    concat(count(*) filter (month(t.birth_date) = 1 and day(t.birth_date) = 1), ' of ', count(*),
        ' birth dates are a first of January') as detail,
    {quarter: t.quarter, file: t._address.file, version: t._address.version, sheet: t._address.sheet, "row": cast(null as bigint), path: cast(null as varchar)} as _address
from stage.client as t
where t.is_superseded is not true
    and t.birth_date > date '1901-01-01'
    and coalesce(t.birth_date_precision, 'day') = 'day'
group by t.agency, t.quarter, t._address.file, t._address.version, t._address.sheet
having count(*) >= 30
    and count(*) filter (month(t.birth_date) = 1 and day(t.birth_date) = 1) > 0.1 * count(*)
