-- One row per meeting held in the quarter.
-- measure: integration_meetings
-- kind: count
-- unit: meeting
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: what
-- ordinal: 245
-- evidence: meeting.held_on
-- label: Service integration meetings held
-- label_fr: Rencontres d'intégration des services tenues
-- definition: Meetings about clients of Coordinated Service Planning held in the period.
-- definition_fr: Rencontres au sujet de clients de la planification coordonnée des services
-- definition_fr: tenues durant la période.
-- cites: derived from "Service Co-ordination Guidelines for Leeds & Grenville"; "Service Integration Guidelines for Kingston, Frontenac and Lennox & Addington"
select
    meeting_id as unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    true as counted,
    cast(null as varchar) as left_out_by,
    cast(null as double) as value,
    _address
from core.plan_meeting
where held_on between starts_on and ends_on
