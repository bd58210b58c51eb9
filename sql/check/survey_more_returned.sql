-- One row per round of a survey that came back more often than it was sent.
-- check: survey_more_returned
-- class: row
-- severity: please_confirm
-- name: More surveys returned than sent
-- name_fr: Plus de sondages reçus que d'envoyés
-- fix: correct how many were sent or came back
-- fix_fr: corrigez le nombre d'envois ou de retours
--
-- basis: domain.md 1.9 D17, D18 (response rate)
-- applies: rounds with both numbers
select
    t.agency,
    t.quarter,
    'returned_count' as column_name,
    'more came back than were sent' as detail,
    t._address
from stage.survey_round as t
where t.is_superseded is not true
    and t.returned_count > t.sent_count
