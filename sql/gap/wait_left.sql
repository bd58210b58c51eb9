-- One row per wait of the quarter before that is over in the quarter.
-- measure: wait_left
-- kind: count
-- unit: need
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 514
-- by: service_type
-- evidence: wait.left_on, need.status, service.status
-- label: Stopped waiting
-- label_fr: Fins d'attente
-- definition: Services that children waited for at the end of the quarter before and no longer wait for,
-- definition: whether the service began or the wait ended otherwise. Known only where the agency whose
-- definition: file told of the wait sent a file for this quarter too; the place is that of the quarter before.
-- definition_fr: Services que des enfants attendaient à la fin du trimestre précédent et n'attendent plus,
-- definition_fr: que le service ait commencé ou non. Connu seulement si l'organisme qui en faisait état a
-- definition_fr: aussi transmis ses fichiers ce trimestre; le lieu est celui du trimestre précédent.
-- breakdown: service_type | Service | Service
-- list: service_type
-- cites: derived from CSP guidelines 2017, part 8 (waitlist and wait times)
with numbered as (
    select quarter, row_number() over (order by quarter) as place
    from core.quarter
),
-- The quarter after it, of agencies that told of that one.
told_next as materialized (
    select b.quarter, n.quarter as next_quarter, e.agency
    from numbered as b
    join numbered as n on n.place = b.place + 1
    join core.delivery_quarter as e on e.quarter = n.quarter
    where e.is_delivered or e.is_nil
)
select
    w.unit_id,
    n.next_quarter as quarter,
    w.agency,
    w.agency as employer,
    w.area,
    w.municipality,
    w.child_id,
    w.service_type,
    true as counted,
    cast(null as varchar) as left_out_by,
    cast(null as double) as value,
    w._address
from gap.open_wait as w
join told_next as n on n.agency = w.agency and n.quarter = w.quarter
left join gap.open_wait as o
    on o.child_id = w.child_id and o.service_type = w.service_type and o.quarter = n.next_quarter
where o.child_id is null
