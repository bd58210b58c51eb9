-- One row per episode with a step after it closed.
-- check: episode_after_end
-- class: row
-- severity: please_confirm
-- name: Step after the episode closed
-- name_fr: Étape postérieure à la fermeture de l'épisode
-- fix: correct the closing date or the date that is named; a family that came back has a new episode or a day of re-engagement
-- fix_fr: corrigez la date de fermeture ou la date indiquée; une famille qui revient a un nouvel épisode ou une date de reprise
--
-- basis: domain.md 1.3 (a file is made inactive; families can re-engage)
-- applies: closed episodes that were not re-engaged
select
    t.agency,
    t.quarter,
    case when t.first_contact_on > t.closed_on then 'first_contact_on'
        when t.intake_on > t.closed_on then 'intake_on'
        when t.assigned_on > t.closed_on then 'assigned_on'
        else 'started_on' end as column_name,
    'lies after the day the episode closed' as detail,
    t._address
from stage.episode as t
where t.is_superseded is not true
    and t.reengaged_on is null
    and greatest(t.first_contact_on, t.intake_on, t.assigned_on, t.started_on) > t.closed_on
    and t.closed_on >= coalesce(t.referral_on, t.closed_on)
