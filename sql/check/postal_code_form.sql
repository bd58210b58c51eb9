-- One row per postal code that cannot be one.
-- check: postal_code_form
-- class: row
-- severity: please_confirm
-- name: Not a postal code
-- name_fr: Code postal invalide
-- fix: correct the postal code; write it as K7L 3N6
-- fix_fr: corrigez le code postal; écrivez-le K7L 3N6
--
-- basis: domain.md 6 (A1A 1A1; D F I O Q U never, W and Z never first)
-- applies: clients with a postal code
-- The first three characters alone are an area, and no fault. American codes are postal_code_outside.
with written as (
    select agency, quarter, _address, regexp_replace(upper(postal_code), '[^A-Z0-9]', '', 'g') as code
    from stage.client
    where postal_code is not null and is_superseded is not true
)
select
    t.agency,
    t.quarter,
    'postal_code' as column_name,
    'is not of the form A1A 1A1, or has a letter that no postal code has' as detail,
    t._address
from written as t
where not regexp_full_match(t.code, '[ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z]([0-9][ABCEGHJ-NPRSTV-Z][0-9])?')
    and not regexp_full_match(t.code, '[0-9]{5}([0-9]{4})?')
