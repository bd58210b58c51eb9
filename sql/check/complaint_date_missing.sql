-- One row per complaint without the day on which it was received.
-- check: complaint_date_missing
-- class: row
-- severity: please_confirm
-- name: Complaint without a date
-- name_fr: Plainte sans date
-- fix: give the day on which the complaint was received
-- fix_fr: indiquez la date de réception de la plainte
--
-- basis: domain.md 1.9 D16 (complaints received in the quarter)
-- applies: complaints
select
    t.agency,
    t.quarter,
    'received_on' as column_name,
    'the complaint is counted in no quarter' as detail,
    t._address
from stage.complaint as t
where t.is_superseded is not true
    and t.received_on is null
