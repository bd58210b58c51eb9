-- One row per client that stands under another number of the same file too.
-- check: same_child_twice
-- class: case
-- severity: note
-- name: One child under two numbers
-- name_fr: Un enfant sous deux numéros
-- fix: close one of the two files in your system; the child is counted once
-- fix_fr: fermez l'un des deux dossiers dans votre système; l'enfant est compté une seule fois
--
-- basis: domain.md 1.9 D04 (unique children)
-- applies: clients with both names and a birth date
-- Twins have two given names. The later number is named, so that a pair is one finding.
select
    t.agency,
    t.quarter,
    'client_local_id' as column_name,
    concat('row ', first_value(t._address."row") over same,
        ' has the same names and birth date and sex under another number') as detail,
    t._address
from stage.client as t
where t.is_superseded is not true
    and t.given_name is not null
    and t.family_name is not null
    and t.birth_date > date '1901-01-01'
    and coalesce(t.birth_date_precision, 'day') = 'day'
window same as (
    partition by t.agency, t.quarter, t.as_of, t._address.file, t._address.sheet, t.birth_date,
        lower(strip_accents(t.given_name)), lower(strip_accents(t.family_name)), coalesce(t.sex, t.gender)
    order by t.client_local_id, t._address."row")
qualify first_value(t.client_local_id) over same < t.client_local_id
