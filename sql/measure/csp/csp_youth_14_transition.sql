-- One row per active CSP episode of a youth of 14 or more, or of unknown age.
-- measure: csp_youth_14_transition
-- kind: share
-- unit: episode
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: how_well
-- ordinal: 321
-- evidence: plan.transition_started_on, client.birth_date
-- label: Youth of 14 and over: adult transition planning begun
-- label_fr: Jeunes de 14 ans et plus : transition à l'âge adulte amorcée
-- definition: Of the active episodes of youth of 14 or older, the share whose planning for the
-- definition: move to adult services has begun by the last day of the quarter.
-- definition_fr: Part des épisodes actifs de jeunes de 14 ans ou plus dont la planification du
-- definition_fr: passage aux services pour adultes a commencé au dernier jour du trimestre.
-- rule: no_birth_date | The birth date is missing | La date de naissance manque
-- rule: not_recorded | The agency records no transition planning | L'organisme ne consigne pas la planification de la transition
-- cites: derived from CSP guidelines 2017, part 6, transitions at age 14
--
-- Whether a blank means not begun or not recorded only shows where an agency records any.
with youth as (
    select
        *,
        bool_or(transition_started_on is not null)
            over (partition by agency, quarter) as is_recorded
    from core.csp_episode
)
select
    e.episode_id as unit_id,
    e.quarter,
    e.agency,
    e.employer,
    e.area,
    e.municipality,
    e.birth_date is not null and e.is_recorded as counted,
    case
        when e.birth_date is null then 'no_birth_date'
        when not e.is_recorded then 'not_recorded'
    end as left_out_by,
    cast(if(coalesce(e.transition_started_on <= e.ends_on, false), 1, 0) as double) as value,
    e._plan_address as _address
from youth as e
where e.is_active and coalesce(e.birth_date + to_years(14) <= e.ends_on, true)
