-- One row per wait that began in the quarter.
-- measure: wait_joined
-- kind: count
-- unit: need
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 513
-- by: service_type
-- evidence: wait.joined_on, need.identified_on, service.requested_on
-- label: Began to wait
-- label_fr: Entrées en attente
-- definition: Services asked for in the quarter and waited for, also those that began in it; a child who
-- definition: asks for one service at several agencies asks once.
-- definition_fr: Services demandés au trimestre et attendus, même s'ils y ont commencé; un enfant qui demande
-- definition_fr: un service à plusieurs organismes le demande une fois.
-- breakdown: service_type | Service | Service
-- list: service_type
-- cites: derived from CSP guidelines 2017, part 8 (waitlist and wait times)
with first_told as (
    select a.child_id, a.service_type, a.asked_on, a.quarter, min(a.agency) as agency,
        arg_min(a._address, a.agency || a.ask_id) as _address
    from gap.ask as a
    join core.quarter as q on q.quarter = a.quarter
    where a.asked_on between q.starts_on and q.ends_on
    group by a.child_id, a.service_type, a.asked_on, a.quarter
)
select
    md5(concat_ws('|', s.child_id, s.service_type, s.asked_on))[:16] as unit_id,
    q.quarter,
    f.agency,
    f.agency as employer,
    d.area,
    d.municipality,
    s.child_id,
    s.service_type,
    true as counted,
    cast(null as varchar) as left_out_by,
    cast(null as double) as value,
    f._address
from gap.spell as s
join core.quarter as q on s.asked_on between q.starts_on and q.ends_on
join gap.child as d on d.child_id = s.child_id and d.quarter = q.quarter
join first_told as f
    on f.child_id = s.child_id and f.service_type = s.service_type and f.asked_on = s.asked_on
    and f.quarter = q.quarter
