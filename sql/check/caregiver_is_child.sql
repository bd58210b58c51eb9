-- One row per caregiver that bears the child's own name.
-- check: caregiver_is_child
-- class: case
-- severity: note
-- name: Caregiver with the child's name
-- name_fr: Personne responsable au nom de l'enfant
-- fix: give the caregiver's own name; if both bear it, nothing needs to be done
-- fix_fr: indiquez le nom de la personne responsable; si les deux le portent, il n'y a rien à faire
--
-- basis: common sense
-- applies: caregivers with both names
select
    t.agency,
    t.quarter,
    'given_name' as column_name,
    'the caregiver has the same names as the child' as detail,
    t._address
from stage.caregiver as t
where t.is_superseded is not true
    and exists (
        select 1
        from stage.client as c
        where c.agency = t.agency
            and c.quarter = t.quarter
            and c.client_local_id = t.client_local_id
            and lower(c.given_name) = lower(t.given_name)
            and lower(c.family_name) = lower(t.family_name))
