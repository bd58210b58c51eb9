-- One row per plan whose next review fell due more than a year ago.
-- check: review_long_overdue
-- class: row
-- severity: note
-- name: Review overdue by a year
-- name_fr: Révision en retard d'un an
-- fix: record the review that was done, or close the episode
-- fix_fr: inscrivez la révision effectuée, ou fermez l'épisode
--
-- basis: domain.md 1.9 D09 (reviews every six months), common sense
-- applies: plans with a day on which the next review is due
select
    t.agency,
    t.quarter,
    'next_review_due_on' as column_name,
    'more than a year before the day the file speaks for; the review is not recorded, or the family has left' as detail,
    t._address
from stage.plan as t
where t.is_superseded is not true
    and t.next_review_due_on < t.as_of - interval 1 year
    and t.next_review_due_on >= t.as_of - interval 25 years
