-- One row per CSP episode whose intake was decided in the quarter, or without a date.
-- measure: csp_intakes_accepted
-- kind: count
-- unit: episode
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: what
-- ordinal: 202
-- evidence: episode.intake_on, episode.intake_decision
-- label: Intakes: accepted
-- label_fr: Accueils : famille acceptée
-- definition: Intakes decided in the period in which the family was accepted.
-- definition_fr: Accueils décidés durant la période où la famille a été acceptée.
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
    coalesce(intake_on is not null and intake_decision = 'accepted', false) as counted,
    case
        when intake_on is null then 'no_date'
        when intake_decision is null then 'no_decision'
        when intake_decision <> 'accepted' then 'other_decision'
    end as left_out_by,
    cast(null as double) as value,
    _address
from core.csp_episode
where intake_on between starts_on and ends_on
    or intake_on is null and intake_decision = 'accepted'
