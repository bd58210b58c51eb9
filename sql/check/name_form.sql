-- One row per client whose name holds what no name holds.
-- check: name_form
-- class: row
-- severity: note
-- name: Name with digits or signs
-- name_fr: Nom avec des chiffres ou des signes
-- fix: retype the name; keep numbers and remarks in columns of their own
-- fix_fr: saisissez le nom de nouveau; mettez les numéros et remarques dans leurs propres colonnes
--
-- basis: common sense
-- applies: clients with a name
with told as (
    select agency, quarter, 'given_name' as column_name, given_name as name, _address
    from stage.client
    where is_superseded is not true
    union all
    select agency, quarter, 'family_name' as column_name, family_name as name, _address
    from stage.client
    where is_superseded is not true
)
select
    t.agency,
    t.quarter,
    t.column_name,
    'holds a digit or one of ? * @ # = < > _; the name will hardly be linked' as detail,
    t._address
from told as t
where regexp_matches(t.name, '[0-9?*@#=<>_\x{FFFD}]')
