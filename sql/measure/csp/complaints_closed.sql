-- One row per complaint closed in the quarter.
-- measure: complaints_closed
-- kind: count
-- unit: complaint
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 432
-- by: about
-- evidence: complaint.closed_on
-- label: Complaints closed
-- label_fr: Plaintes fermées
-- definition: Complaints about Coordinated Service Planning closed in the period, whenever they
-- definition: were received.
-- definition_fr: Plaintes au sujet de la planification coordonnée des services fermées durant la
-- definition_fr: période, quelle que soit leur date de réception.
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
    true as counted,
    cast(null as varchar) as left_out_by,
    cast(null as double) as value,
    c._address
from core.complaint as c
join core.quarter as q on q.quarter = c.quarter
where c.closed_on between q.starts_on and q.ends_on
