-- One row per file that names coordinators whom the register does not have.
-- check: coordinator_not_in_register
-- class: section
-- severity: note
-- name: Coordinators who are not in the register
-- name_fr: Coordonnateurs absents du registre
-- fix: add them to the register, or write the names alike in both
-- fix_fr: ajoutez-les au registre, ou écrivez les noms de la même façon des deux côtés
--
-- basis: domain.md 1.9 D14 (caseload per full-time equivalent)
-- applies: files with open episodes, where a standing list names coordinators
with listed as (
    select distinct lower(trim(coordinator)) as coordinator
    from stage.coordinator
    where is_superseded is not true and file_kind = 'standing'
)
select
    t.agency,
    t.quarter,
    'coordinator' as column_name,
    concat(count(distinct lower(trim(t.coordinator))),
        ' of the file are missing in it; their episodes are in no caseload') as detail,
    min(t._address) as _address
from stage.episode as t
where t.is_superseded is not true
    and t.status = 'active'
    and t.coordinator is not null
    and exists (select 1 from listed)
    and lower(trim(t.coordinator)) not in (select coordinator from listed)
group by t.agency, t.quarter, t._address.file
