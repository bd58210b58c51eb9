-- One row per round of a survey that does not say whom it asked.
-- check: survey_asked_of_nobody
-- class: row
-- severity: please_confirm
-- name: Survey without those asked
-- name_fr: Sondage sans destinataires
-- fix: say whether families or partner agencies were asked
-- fix_fr: indiquez si le sondage visait les familles ou les organismes partenaires
--
-- basis: domain.md 1.9 D17, D18 (families and partners apart)
-- applies: rounds of surveys
select
    t.agency,
    t.quarter,
    'audience' as column_name,
    'neither families nor partner agencies; the survey is counted nowhere' as detail,
    t._address
from stage.survey_round as t
where t.is_superseded is not true
    and t.audience is null
    and coalesce(t.sent_count, t.returned_count) is not null
