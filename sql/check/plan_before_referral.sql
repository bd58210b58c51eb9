-- One row per plan written before its referral.
-- check: plan_before_referral
-- class: row
-- severity: please_confirm
-- name: Plan dated before the referral
-- name_fr: Plan daté d'avant l'aiguillage
-- fix: correct the date of the plan or of the referral
-- fix_fr: corrigez la date du plan ou de l'aiguillage
--
-- basis: domain.md 1.3 (referral, intake, plan), 1.9 D07
-- applies: plans whose episode has a referral date
select
    t.agency,
    t.quarter,
    'written_on' as column_name,
    concat('the plan is dated before the referral; ',
        'the episode is left out of new plans and of the days to plan') as detail,
    t._address
from stage.plan as t
join stage.episode as e
    on e.agency = t.agency
    and e.quarter = t.quarter
    and e.as_of = t.as_of
    and e.client_local_id = t.client_local_id
    and e.episode_local_id is not distinct from t.episode_local_id
    and e._address.file = t._address.file
where t.written_on < e.referral_on
