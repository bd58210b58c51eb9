-- One row per complaint received in the quarter, or on an unknown day.
-- measure: complaints_received
-- kind: count
-- unit: complaint
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 431
-- by: about
-- evidence: complaint.received_on
-- label: Complaints received
-- label_fr: Plaintes reçues
-- definition: Complaints about Coordinated Service Planning received in the period, as the
-- definition: register holds them.
-- definition_fr: Plaintes au sujet de la planification coordonnée des services reçues durant la
-- definition_fr: période, selon le registre.
-- rule: no_date | The date is missing | La date manque
-- breakdown: about | About | Objet
-- list: complaint_about
-- cites: derived from CSP guidelines 2017, part 8
select
    c.complaint_id as unit_id,
    c.quarter,
    c.agency,
    c.agency as employer,
    cast(null as varchar) as area,
    cast(null as varchar) as municipality,
    c.about,
    c.received_on is not null as counted,
    case when c.received_on is null then 'no_date' end as left_out_by,
    cast(null as double) as value,
    c._address
from core.complaint as c
join core.quarter as q on q.quarter = c.quarter
where c.received_on between q.starts_on and q.ends_on or c.received_on is null
