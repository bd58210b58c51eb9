-- One row per plan whose dates are in the wrong order.
-- check: plan_dates_order
-- class: row
-- severity: please_confirm
-- name: Dates of the plan in the wrong order
-- name_fr: Dates du plan dans le désordre
-- fix: correct the date that is named, or the one before it
-- fix_fr: corrigez la date indiquée, ou celle qui la précède
--
-- basis: domain.md 1.3 steps 7 to 9 (developed, shared, monitored)
-- applies: plans with two dates
select
    t.agency,
    t.quarter,
    case when t.shared_on < t.written_on then 'shared_on'
        when t.reviewed_on < t.written_on then 'reviewed_on'
        else 'next_review_due_on' end as column_name,
    case when t.shared_on < t.written_on then 'the plan was shared before it was written'
        when t.reviewed_on < t.written_on then 'the plan was reviewed before it was written'
        else 'the next review falls before the last one' end as detail,
    t._address
from stage.plan as t
where t.is_superseded is not true
    and (least(t.shared_on, t.reviewed_on) < t.written_on or t.next_review_due_on < t.reviewed_on)
