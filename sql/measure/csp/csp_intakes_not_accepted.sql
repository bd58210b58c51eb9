-- One row per CSP episode whose intake was decided in the quarter, or without a date.
-- measure: csp_intakes_not_accepted
-- kind: count
-- unit: episode
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: what
-- ordinal: 205
-- evidence: episode.intake_on, episode.intake_decision
-- label: Intakes: not accepted, no warm referral recorded
-- label_fr: Accueils : refus sans aiguillage accompagné consigné
-- definition: Intakes decided in the period in which the family was not accepted and no warm
-- definition: referral to another agency is recorded.
-- definition_fr: Accueils décidés durant la période où la famille n'a pas été acceptée et où aucun
-- definition_fr: aiguillage accompagné vers un autre organisme n'est consigné.
-- rule: no_date | The date is missing | La date manque
-- rule: no_decision | The outcome of intake is missing | Le résultat de l'accueil manque
-- rule: other_decision | Intake ended otherwise | L'accueil a eu une autre issue
-- cites: derived from CSP guidelines 2017, part 3
select
    episode_id as unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    coalesce(intake_on is not null and intake_decision = 'not_accepted', false) as counted,
    case
        when intake_on is null then 'no_date'
        when intake_decision is null then 'no_decision'
        when intake_decision <> 'not_accepted' then 'other_decision'
    end as left_out_by,
    cast(null as double) as value,
    _address
from core.csp_episode
where intake_on between starts_on and ends_on
    or intake_on is null and intake_decision = 'not_accepted'
