-- One row per file with rows about clients who are not in the client list.
-- check: unknown_client
-- class: section
-- severity: note
-- name: Rows about clients who are not in the client list
-- name_fr: Lignes sur des clients absents de la liste des clients
-- fix: send the client list and the other files from the same day
-- fix_fr: envoyez la liste des clients et les autres fichiers du même jour
select
    t.agency,
    t.quarter,
    'client_local_id' as column_name,
    concat(count(*), ' rows of caregiver name a client who is not in the client list') as detail,
    {quarter: t._address.quarter, file: t._address.file, version: t._address.version, sheet: t._address.sheet, "row": cast(null as bigint), path: cast(null as varchar)} as _address
from stage.caregiver as t
where not t.is_superseded
    and t.file_kind <> 'delta'
    and not exists (
        select 1 from stage.client as c
        where c.agency = t.agency and c.quarter = t.quarter and c.as_of = t.as_of and c.client_local_id = t.client_local_id)
    and exists (select 1 from stage.client as c where c.agency = t.agency and c.quarter = t.quarter and c.as_of = t.as_of)
group by all
union all
select
    t.agency,
    t.quarter,
    'client_local_id' as column_name,
    concat(count(*), ' rows of episode name a client who is not in the client list') as detail,
    {quarter: t._address.quarter, file: t._address.file, version: t._address.version, sheet: t._address.sheet, "row": cast(null as bigint), path: cast(null as varchar)} as _address
from stage.episode as t
where not t.is_superseded
    and t.file_kind <> 'delta'
    and not exists (
        select 1 from stage.client as c
        where c.agency = t.agency and c.quarter = t.quarter and c.as_of = t.as_of and c.client_local_id = t.client_local_id)
    and exists (select 1 from stage.client as c where c.agency = t.agency and c.quarter = t.quarter and c.as_of = t.as_of)
group by all
union all
select
    t.agency,
    t.quarter,
    'client_local_id' as column_name,
    concat(count(*), ' rows of need name a client who is not in the client list') as detail,
    {quarter: t._address.quarter, file: t._address.file, version: t._address.version, sheet: t._address.sheet, "row": cast(null as bigint), path: cast(null as varchar)} as _address
from stage.need as t
where not t.is_superseded
    and t.file_kind <> 'delta'
    and not exists (
        select 1 from stage.client as c
        where c.agency = t.agency and c.quarter = t.quarter and c.as_of = t.as_of and c.client_local_id = t.client_local_id)
    and exists (select 1 from stage.client as c where c.agency = t.agency and c.quarter = t.quarter and c.as_of = t.as_of)
group by all
union all
select
    t.agency,
    t.quarter,
    'client_local_id' as column_name,
    concat(count(*), ' rows of service name a client who is not in the client list') as detail,
    {quarter: t._address.quarter, file: t._address.file, version: t._address.version, sheet: t._address.sheet, "row": cast(null as bigint), path: cast(null as varchar)} as _address
from stage.service as t
where not t.is_superseded
    and t.file_kind <> 'delta'
    and not exists (
        select 1 from stage.client as c
        where c.agency = t.agency and c.quarter = t.quarter and c.as_of = t.as_of and c.client_local_id = t.client_local_id)
    and exists (select 1 from stage.client as c where c.agency = t.agency and c.quarter = t.quarter and c.as_of = t.as_of)
group by all
union all
select
    t.agency,
    t.quarter,
    'client_local_id' as column_name,
    concat(count(*), ' rows of wait name a client who is not in the client list') as detail,
    {quarter: t._address.quarter, file: t._address.file, version: t._address.version, sheet: t._address.sheet, "row": cast(null as bigint), path: cast(null as varchar)} as _address
from stage.wait as t
where not t.is_superseded
    and t.file_kind <> 'delta'
    and not exists (
        select 1 from stage.client as c
        where c.agency = t.agency and c.quarter = t.quarter and c.as_of = t.as_of and c.client_local_id = t.client_local_id)
    and exists (select 1 from stage.client as c where c.agency = t.agency and c.quarter = t.quarter and c.as_of = t.as_of)
group by all
