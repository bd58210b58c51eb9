-- One row per file with rows about clients who are not in the client list.
-- check: unknown_client
-- class: section
-- severity: note
-- name: Rows about clients who are not in the client list
-- name_fr: Lignes sur des clients absents de la liste des clients
-- fix: send the client list and the other files from the same day
-- fix_fr: envoyez la liste des clients et les autres fichiers du même jour
--
-- basis: common sense (a list that was not sent, or is of another day)
-- applies: snapshots and cumulative files, where a client list was sent
-- Consents, referrals and plans stand in the rows of clients and episodes; they would say it twice.
with named as (
    select 'caregiver' as table_name, agency, quarter, as_of, client_local_id, _address
    from stage.caregiver
    where not is_superseded and file_kind <> 'delta'
    union all
    select 'episode' as table_name, agency, quarter, as_of, client_local_id, _address
    from stage.episode
    where not is_superseded and file_kind <> 'delta'
    union all
    select 'goal' as table_name, agency, quarter, as_of, client_local_id, _address
    from stage.goal
    where not is_superseded and file_kind <> 'delta'
    union all
    select 'meeting' as table_name, agency, quarter, as_of, client_local_id, _address
    from stage.meeting
    where not is_superseded and file_kind <> 'delta'
    union all
    select 'need' as table_name, agency, quarter, as_of, client_local_id, _address
    from stage.need
    where not is_superseded and file_kind <> 'delta'
    union all
    select 'service' as table_name, agency, quarter, as_of, client_local_id, _address
    from stage.service
    where not is_superseded and file_kind <> 'delta'
    union all
    select 'survey' as table_name, agency, quarter, as_of, client_local_id, _address
    from stage.survey
    where not is_superseded and file_kind <> 'delta'
    union all
    select 'wait' as table_name, agency, quarter, as_of, client_local_id, _address
    from stage.wait
    where not is_superseded and file_kind <> 'delta'
)
select
    t.agency,
    t.quarter,
    'client_local_id' as column_name,
    concat(count(*), ' rows of ', t.table_name, ' name a client who is not in the client list')
        as detail,
    {
        quarter: t._address.quarter,
        file: t._address.file,
        version: t._address.version,
        sheet: t._address.sheet,
        "row": cast(null as bigint),
        path: cast(null as varchar)
    } as _address
from named as t
where not exists (
        select 1
        from stage.client as c
        where c.agency = t.agency and c.quarter = t.quarter and c.as_of = t.as_of
            and c.client_local_id = t.client_local_id)
    and exists (
        select 1
        from stage.client as c
        where c.agency = t.agency and c.quarter = t.quarter and c.as_of = t.as_of)
group by t.agency, t.quarter, t.table_name, t._address.quarter, t._address.file,
    t._address.version, t._address.sheet
