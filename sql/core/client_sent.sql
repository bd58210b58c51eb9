-- One row per client of an agency that sends only what changed, and quarter: its newest delivery.
-- key: agency, client_local_id, quarter
with sent as (
    select agency, client_local_id, as_of, _address from stage.client
    where file_kind = 'delta' and not is_superseded
    union all
    select agency, client_local_id, as_of, _address from stage.caregiver
    where file_kind = 'delta' and not is_superseded
    union all
    select agency, client_local_id, as_of, _address from stage.consent
    where file_kind = 'delta' and not is_superseded
    union all
    select agency, client_local_id, as_of, _address from stage.referral
    where file_kind = 'delta' and not is_superseded
    union all
    select agency, client_local_id, as_of, _address from stage.episode
    where file_kind = 'delta' and not is_superseded
    union all
    select agency, client_local_id, as_of, _address from stage.plan
    where file_kind = 'delta' and not is_superseded
    union all
    select agency, client_local_id, as_of, _address from stage.goal
    where file_kind = 'delta' and not is_superseded
    union all
    select agency, client_local_id, as_of, _address from stage.meeting
    where file_kind = 'delta' and not is_superseded
    union all
    select agency, client_local_id, as_of, _address from stage.service
    where file_kind = 'delta' and not is_superseded
    union all
    select agency, client_local_id, as_of, _address from stage.need
    where file_kind = 'delta' and not is_superseded
    union all
    select agency, client_local_id, as_of, _address from stage.wait
    where file_kind = 'delta' and not is_superseded
    union all
    select agency, client_local_id, as_of, _address from stage.survey
    where file_kind = 'delta' and not is_superseded
)
select
    s.agency,
    s.client_local_id,
    v.quarter,
    max(s.as_of) as as_of
from sent as s
join core.file_quarter as v
    on v.agency = s.agency and v.file = s._address.file and v.version = s._address.version
    and v.from_quarter = s._address.quarter
group by s.agency, s.client_local_id, v.quarter
