-- One row per client who was past the age limit in school on the first day of the quarter.
-- check: over_age
-- class: row
-- severity: please_confirm
-- name: Client over the age range
-- name_fr: Client au-delà de la limite d'âge
-- fix: check the birth date; if it is right, say so
-- fix_fr: vérifiez la date de naissance; si elle est exacte, dites-le
--
-- basis: domain.md 1.2 (under 18, or 18 to 21 and still in school)
-- applies: clients with a birth date
with
age as (
    select coalesce(max(cast(value as integer)), 21) as most
    from stage.setting
    where name = 'age_limit_in_school'
)
select
    t.agency,
    t.quarter,
    'birth_date' as column_name,
    concat('older than ', age.most,
        ' on the first day of the quarter; whoever is past the age limit is not counted')
        as detail,
    t._address
from stage.client as t
cross join age
where t.birth_date > date '1900-01-01'
    and t.birth_date + to_years(age.most + 1) <= make_date(cast(left(t.quarter, 4) as integer), 4, 1)
        + to_months(3 * (cast(right(t.quarter, 1) as integer) - 1))
