-- One row per meeting held in the quarter.
-- measure: integration_attending
-- kind: ratio
-- unit: meeting
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: how_well
-- ordinal: 336
-- evidence: meeting.attending_currently
-- label: Agencies currently involved at a meeting
-- label_fr: Organismes actuellement concernés à une rencontre
-- definition: Agencies currently involved with the family that attended, on average per meeting
-- definition: held in the period whose attendance is told.
-- definition_fr: Organismes actuellement concernés qui étaient présents, en moyenne par rencontre
-- definition_fr: de la période dont la présence est indiquée.
-- rule: no_attendance | No agency is named | Aucun organisme n'est nommé
-- cites: derived from "Service Integration Guidelines for Kingston, Frontenac and Lennox & Addington"
--
-- A cell left empty beside a filled one says that nobody of that kind came: so it is on the form.
select
    meeting_id as unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    coalesce(current_count, potential_count) is not null as counted,
    case
        when coalesce(current_count, potential_count) is null then 'no_attendance'
    end as left_out_by,
    cast(case
        when coalesce(current_count, potential_count) is not null then coalesce(current_count, 0)
    end as double) as value,
    cast(1 as double) as weight,
    _address
from core.plan_meeting
where held_on between starts_on and ends_on
