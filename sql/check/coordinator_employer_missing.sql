-- One row per coordinator without an employer.
-- check: coordinator_employer_missing
-- class: row
-- severity: note
-- name: Coordinator without an employer
-- name_fr: Personne qui coordonne sans employeur
-- fix: name the agency that employs the coordinator
-- fix_fr: nommez l'organisme qui emploie la personne
--
-- basis: domain.md 0 fact 3 (all coordinators are reported, whoever employs them), 1.9 D14
-- applies: lists that name the employer of other coordinators
select
    t.agency,
    t.quarter,
    'employer' as column_name,
    'there is no employer' as detail,
    t._address
from stage.coordinator as t
where t.is_superseded is not true
qualify t.employer is null
    and count(t.employer) over (partition by t.agency, t.quarter, t._address.file) > 0
