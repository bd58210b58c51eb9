-- One row per client whose file closed before it opened.
-- check: closed_before_opened
-- class: row
-- severity: please_confirm
-- name: File closed before it opened
-- name_fr: Dossier fermé avant son ouverture
-- fix: correct the day the file opened or closed
-- fix_fr: corrigez la date d'ouverture ou de fermeture du dossier
--
-- basis: domain.md 6 (referral, admission, start of service, discharge)
-- applies: clients with both dates
select
    t.agency,
    t.quarter,
    'closed_on' as column_name,
    'the file closed before it opened; both dates are used as they came' as detail,
    t._address
from stage.client as t
where t.closed_on < t.opened_on
