-- One row per health number that cannot be one.
-- check: health_number_check_digit
-- class: row
-- severity: please_confirm
-- name: Health number with a wrong check digit
-- name_fr: Numéro de carte Santé invalide
-- fix: correct the number, or leave it empty
-- fix_fr: corrigez le numéro, ou laissez-le vide
--
-- basis: domain.md 6 (ten digits, every second doubled, sum divisible by ten)
-- applies: agencies whose agreement keeps the health number
-- Version letters after the ten digits are left alone.
with written as (
    select agency, quarter, _address,
        regexp_replace(regexp_replace(health_number, '[^0-9A-Za-z]', '', 'g'), '[A-Za-z]{1,2}$', '')
            as digits
    from stage.client
    where health_number is not null and is_superseded is not true
),
summed as (
    select agency, quarter, _address, digits,
        list_sum(list_transform(range(1, 11), lambda i:
            case when i % 2 = 0 then try_cast(substr(digits, i, 1) as integer)
                else try_cast(substr(digits, i, 1) as integer) * 2 // 10
                    + try_cast(substr(digits, i, 1) as integer) * 2 % 10 end)) as total
    from written
)
select
    t.agency,
    t.quarter,
    'health_number' as column_name,
    'is not ten digits, or its check digit is wrong' as detail,
    t._address
from summed as t
where not regexp_full_match(t.digits, '[1-9][0-9]{9}') or t.total % 10 <> 0
