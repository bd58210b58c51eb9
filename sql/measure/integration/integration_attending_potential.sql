-- One row per meeting held in the quarter.
-- measure: integration_attending_potential
-- kind: ratio
-- unit: meeting
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: how_well
-- ordinal: 337
-- evidence: meeting.attending_potentially
-- label: Agencies potentially involved at a meeting
-- label_fr: Organismes potentiellement concernés à une rencontre
-- definition: Agencies potentially involved with the family that attended, on average per meeting
-- definition: held in the period whose attendance is told; a meeting that names only agencies
-- definition: currently involved had none.
-- definition_fr: Organismes potentiellement concernés qui étaient présents, en moyenne par
-- definition_fr: rencontre de la période dont la présence est indiquée; une rencontre qui ne
-- definition_fr: nomme que des organismes actuellement concernés n'en comptait aucun.
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
        when coalesce(current_count, potential_count) is not null then coalesce(potential_count, 0)
    end as double) as value,
    cast(1 as double) as weight,
    _address
from core.plan_meeting
where held_on between starts_on and ends_on
