-- One row per plan whose next review is more than two years away.
-- check: review_due_far
-- class: row
-- severity: note
-- name: Next review years away
-- name_fr: Prochaine révision dans plusieurs années
-- fix: check the year of the next review
-- fix_fr: vérifiez l'année de la prochaine révision
--
-- basis: domain.md 1.9 D09 (reviews every six months), common sense
-- applies: plans with a day on which the next review is due
select
    t.agency,
    t.quarter,
    'next_review_due_on' as column_name,
    'more than two years after the day the file speaks for' as detail,
    t._address
from stage.plan as t
where t.is_superseded is not true
    and t.next_review_due_on > t.as_of + interval 2 years
