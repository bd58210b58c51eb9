-- One row per telephone number that cannot be dialled.
-- check: phone_form
-- class: row
-- severity: note
-- name: Not a telephone number
-- name_fr: Numéro de téléphone invalide
-- fix: write ten digits, such as 613-555-0100; leave the cell empty when there is none
-- fix_fr: inscrivez dix chiffres, par exemple 613-555-0100; laissez la cellule vide s'il n'y en a pas
--
-- basis: common sense (ten digits, neither area code nor exchange begins with 0 or 1)
-- applies: clients and caregivers with a telephone number
with told as (
    select agency, quarter, phone, _address
    from stage.client
    where phone is not null and is_superseded is not true
    union all
    select agency, quarter, phone, _address
    from stage.caregiver
    where phone is not null and is_superseded is not true
),
written as (
    select agency, quarter, _address,
        regexp_replace(regexp_replace(lower(phone), '(ext|poste|x|#).*$', ''), '[^0-9]', '', 'g')
            as digits
    from told
)
select
    t.agency,
    t.quarter,
    'phone' as column_name,
    concat('has ', length(t.digits), ' digits, or digits that no number has') as detail,
    t._address
from written as t
where not regexp_full_match(t.digits, '1?[2-9][0-9]{2}[2-9][0-9]{6}')
    or regexp_full_match(t.digits, '1?(2{10}|3{10}|4{10}|5{10}|6{10}|7{10}|8{10}|9{10})')
