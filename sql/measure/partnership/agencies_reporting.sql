-- One row per agency that owed a delivery for the quarter.
-- measure: agencies_reporting
-- kind: share
-- unit: agency
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 480
-- evidence: client.client_local_id
-- label: Agencies that reported
-- label_fr: Organismes ayant transmis leurs données
-- definition: Of the agencies that owed a delivery for the quarter, the share whose data could be
-- definition: used or who said that they had nothing to report. Agencies excused, and those whose
-- definition: delivery is not due yet, are left out.
-- definition_fr: Part des organismes tenus de transmettre pour le trimestre dont les données ont
-- definition_fr: pu servir ou qui ont dit n'avoir rien à déclarer. Les organismes dispensés et
-- definition_fr: ceux dont la transmission n'est pas encore due sont exclus.
-- rule: excused | Excused | Dispensé
-- rule: not_due | Not due yet | Pas encore dû
-- cites: derived from CSP guidelines 2017, part 8 (participants report what the agency requires)
select
    d.agency as unit_id,
    d.quarter,
    d.agency,
    d.agency as employer,
    a.area,
    cast(null as varchar) as municipality,
    d.state not in ('excused', 'not_due') as counted,
    case when d.state in ('excused', 'not_due') then d.state end as left_out_by,
    cast(if(
        d.state in ('accepted', 'accepted_with_findings', 'partly_accepted', 'nil'), 1, 0) as double)
        as value,
    cast(null as struct(
        quarter varchar, file varchar, version integer, sheet varchar, "row" bigint, path varchar))
        as _address
from stage.delivery as d
join stage.agency as a on a.agency = d.agency
where a.owes
