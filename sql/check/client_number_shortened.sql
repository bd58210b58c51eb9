-- One row per client whose number a spreadsheet has cut short.
-- check: client_number_shortened
-- class: row
-- severity: please_confirm
-- name: Client number cut short by a spreadsheet
-- name_fr: Numéro de client tronqué par un tableur
-- fix: format the column as text before the export, and send the file again; numbers that were cut cannot be told apart
-- fix_fr: mettez la colonne au format texte avant l'extraction et renvoyez le fichier; des numéros tronqués ne se distinguent plus
--
-- basis: domain.md 6 (export lists have the client's own number); common sense (1.23457E+08)
-- applies: clients
select
    t.agency,
    t.quarter,
    'client_local_id' as column_name,
    'is written as a power of ten' as detail,
    t._address
from stage.client as t
where t.is_superseded is not true
    and regexp_matches(t.client_local_id, '^[0-9]([.,][0-9]+)?[Ee][+]?[0-9]{1,2}$')
    and regexp_matches(t.client_local_id, '[.,+]')
