-- One row per contact or coordinator of an agency that the workspace does not have.
-- check: agency_code_unknown
-- class: row
-- severity: please_confirm
-- name: Code of no agency
-- name_fr: Code d'aucun organisme
-- fix: write a code as the folder agencies/ has it
-- fix_fr: inscrivez un code tel qu'il figure dans le dossier agencies/
--
-- basis: common sense (the code is how numbers and letters find the agency)
-- applies: standing lists with contacts or coordinators
select
    t.agency,
    t.quarter,
    'contact_agency' as column_name,
    'is the code of no agency of the workspace' as detail,
    t._address
from stage.contact as t
where t.is_superseded is not true
    and t.file_kind = 'standing'
    and t.contact_agency is not null
    and not exists (select 1 from stage.agency as a where a.agency = t.contact_agency)
union all
select
    t.agency,
    t.quarter,
    'employer',
    'is the code of no agency of the workspace',
    t._address
from stage.coordinator as t
where t.is_superseded is not true
    and t.file_kind = 'standing'
    and t.employer is not null
    and not exists (select 1 from stage.agency as a where a.agency = t.employer)
