-- One row per CSP episode whose first meeting was held in the quarter.
-- measure: integration_days_to_meeting
-- kind: quantile
-- unit: episode
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: how_well
-- ordinal: 331
-- evidence: episode.first_contact_on, meeting.held_on
-- label: Days from first contact to first meeting
-- label_fr: Jours du premier contact à la première rencontre
-- definition: Calendar days from first contact with the family to the first meeting, for first
-- definition: meetings held in the period.
-- definition_fr: Jours civils du premier contact avec la famille à la première rencontre, pour
-- definition_fr: les premières rencontres tenues durant la période.
-- rule: not_known | Meetings before the first file are not known | Les rencontres antérieures au premier fichier ne sont pas connues
-- cites: derived from local protocols of other areas, taken as a setting: "Service Co-ordination Guidelines for Leeds & Grenville"; "Service Integration Guidelines for Kingston, Frontenac and Lennox & Addington"
select
    episode_id as unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    is_first_known as counted,
    case when not is_first_known then 'not_known' end as left_out_by,
    cast(date_diff('day', first_contact_on, held_on) as double) as value,
    _address
from core.plan_meeting
where is_first and held_on between starts_on and ends_on
