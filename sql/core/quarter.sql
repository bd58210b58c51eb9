-- One row per quarter for which some agency delivered or owed something.
-- key: quarter
-- assert: starts_on < ends_on
with named as (
    select quarter from stage.delivery
    union
    select quarter from stage.file
),
read as (
    select
        quarter,
        cast(left(quarter, 4) as integer) as year,
        cast(right(quarter, 1) as integer) as number
    from named
)
select
    quarter,
    cast(make_date(year, 4, 1) + to_months(3 * (number - 1)) as date) as starts_on,
    cast(make_date(year, 4, 1) + to_months(3 * number) - to_days(1) as date) as ends_on,
    left(quarter, 7) as fiscal_year,
    number
from read
