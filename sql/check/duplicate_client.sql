-- One row per row that repeats a client number of the same file with other values.
-- check: duplicate_client
-- class: row
-- severity: please_confirm
-- name: Client number used twice
-- name_fr: Numéro de client utilisé deux fois
-- fix: send one row for each client, or give each child its own number
-- fix_fr: envoyez une ligne par client, ou donnez à chaque enfant son propre numéro
--
-- basis: domain.md 6 (export lists have the client's own number)
-- applies: files of clients
select
    t.agency,
    t.quarter,
    'client_local_id' as column_name,
    'the client number stands on an earlier row of the file with other values' as detail,
    t._address
from stage.client as t
qualify row_number() over (
    partition by t.agency, t.quarter, t._address.file, t._address.version, t._address.sheet,
        t.client_local_id
    order by t._address."row", t._address.path) > 1
