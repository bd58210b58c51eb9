-- One row per CSP episode whose first meeting was held in the quarter.
-- measure: integration_meeting_in_time
-- kind: share
-- unit: episode
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: how_well
-- ordinal: 332
-- evidence: episode.first_contact_on, meeting.held_on
-- label: First meetings within the local target of days
-- label_fr: Premières rencontres dans la cible locale de jours
-- definition: Of the first meetings held in the period, the share held within the number of days
-- definition: of the setting meeting_target_days after first contact (60 unless set, as other
-- definition: areas' local protocols have it, "if possible", no provincial limit).
-- definition_fr: Part des premières rencontres de la période tenues dans le nombre de jours du
-- definition_fr: paramètre meeting_target_days après le premier contact (60 par défaut, comme
-- definition_fr: les protocoles locaux d'autres secteurs, « si possible », non une limite provinciale).
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
    cast(if(date_diff('day', first_contact_on, held_on) <= coalesce((
        select max(cast(value as integer))
        from stage.setting
        where name = 'meeting_target_days'), 60), 1, 0) as double) as value,
    _address
from core.plan_meeting
where is_first and held_on between starts_on and ends_on
