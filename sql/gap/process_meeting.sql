-- One row per CSP episode whose first meeting was held in the quarter.
-- measure: process_meeting
-- kind: share
-- unit: episode
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: how_well
-- ordinal: 531
-- evidence: episode.first_contact_on, meeting.held_on
-- label: First meetings within the days set
-- label_fr: Premières rencontres dans le délai fixé
-- definition: Of the first meetings held in the quarter, the share held within the days of the setting
-- definition: meeting_target_days after first contact (60 unless set, as other areas have it).
-- definition_fr: Part des premières rencontres du trimestre tenues dans le nombre de jours du paramètre
-- definition_fr: meeting_target_days après le premier contact (60 par défaut, comme d'autres secteurs).
-- rule: not_known | Meetings before the first file are not known | Les rencontres antérieures au premier fichier ne sont pas connues
-- cites: derived from local protocols of other areas, taken as a setting: "Service Co-ordination Guidelines for Leeds & Grenville"; "Service Integration Guidelines for Kingston, Frontenac and Lennox & Addington"
select
    unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    counted,
    left_out_by,
    value,
    _address
from measure.integration_meeting_in_time
