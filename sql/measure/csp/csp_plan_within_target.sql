-- One row per CSP episode with a plan dated in the quarter.
-- measure: csp_plan_within_target
-- kind: share
-- unit: episode
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: how_well
-- ordinal: 305
-- evidence: episode.referral_on, plan.written_on
-- label: Plans within the local target of days
-- label_fr: Plans dans la cible locale de jours
-- definition: Of the plans dated in the period, the share made within the number of days of the
-- definition: setting plan_target_days after referral (60 unless set: the days that another
-- definition: area's local protocol gives from first contact to first meeting, no provincial limit).
-- definition_fr: Part des plans datés de la période faits dans le nombre de jours du paramètre
-- definition_fr: plan_target_days après l'aiguillage (60 par défaut : le délai du protocole local
-- definition_fr: d'un autre secteur entre le premier contact et la première rencontre, non une
-- definition_fr: limite provinciale).
-- rule: no_referral_date | The referral date is missing | La date d'aiguillage manque
-- rule: before_referral | The date lies before the referral | La date précède l'aiguillage
-- cites: derived from CSP guidelines 2017, part 4; time limit: local protocol of another area, taken as a setting: "Service Integration Guidelines for Kingston, Frontenac and Lennox & Addington"
select
    episode_id as unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    coalesce(written_on >= referral_on, false) as counted,
    case
        when referral_on is null then 'no_referral_date'
        when written_on < referral_on then 'before_referral'
    end as left_out_by,
    cast(if(date_diff('day', referral_on, written_on) <= coalesce((
        select max(cast(value as integer))
        from stage.setting
        where name = 'plan_target_days'), 60), 1, 0) as double) as value,
    _plan_address as _address
from core.csp_episode
where written_on between starts_on and ends_on
