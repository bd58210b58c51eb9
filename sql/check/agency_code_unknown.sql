-- One row per contact or coordinator of an agency that the workspace does not have.
-- check: agency_code_unknown
-- class: row
-- severity: please_confirm
-- name: Code of no agency
-- name_fr: Code d'aucun organisme
-- fix: write the code of the agency's file under agencies/
-- fix_fr: inscrivez le code du fichier de l'organisme sous agencies/
--
-- basis: common sense (the code is how numbers and letters find the agency)
-- applies: standing lists with contacts or coordinators
with named as (
    select agency, quarter, 'contact_agency' as column_name, contact_agency as code, _address
    from stage.contact
    where is_superseded is not true and file_kind = 'standing'
    union all
    select agency, quarter, 'employer', employer, _address
    from stage.coordinator
    where is_superseded is not true and file_kind = 'standing'
)
select
    n.agency,
    n.quarter,
    n.column_name,
    'is the code of no agency of the workspace' as detail,
    n._address
from named as n
where n.code is not null
    and not exists (select 1 from stage.agency as a where a.agency = n.code)
