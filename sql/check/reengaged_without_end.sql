-- One row per episode that was re-engaged before it ended.
-- check: reengaged_without_end
-- class: row
-- severity: please_confirm
-- name: Re-engaged before it ended
-- name_fr: Reprise avant la fin
-- fix: give the day on which the episode had ended, or remove the day of re-engagement
-- fix_fr: indiquez la date de fin de l'épisode, ou retirez la date de reprise
--
-- basis: domain.md 1.3 (a family re-engages after its file was made inactive)
-- applies: episodes with a day of re-engagement and a day of their end
select
    t.agency,
    t.quarter,
    'reengaged_on' as column_name,
    'lies before the day on which the episode ended' as detail,
    t._address
from stage.episode as t
where t.is_superseded is not true
    and t.reengaged_on < least(t.inactive_on, t.closed_on)
    and t.reengaged_on < t.as_of
