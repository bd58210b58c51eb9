-- One row per survey that came back before it was sent.
-- check: survey_returned_before_sent
-- class: row
-- severity: please_confirm
-- name: Returned before it was sent
-- name_fr: Retourné avant d'être envoyé
-- fix: correct the day the survey was sent or returned
-- fix_fr: corrigez la date d'envoi ou de retour du sondage
--
-- basis: domain.md 1.9 D17 (sent, returned, response rate)
-- applies: surveys with both dates
select
    t.agency,
    t.quarter,
    'returned_on' as column_name,
    'lies before the day the survey was sent' as detail,
    t._address
from stage.survey as t
where t.is_superseded is not true
    and t.returned_on < t.sent_on
