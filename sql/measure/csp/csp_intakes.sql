-- One row per CSP episode whose intake was decided in the quarter, or without a date.
-- measure: csp_intakes
-- kind: count
-- unit: episode
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: what
-- ordinal: 201
-- evidence: episode.intake_on, episode.intake_decision
-- label: Intakes completed
-- label_fr: Accueils terminés
-- definition: Intakes whose decision is dated in the period, whatever the outcome.
-- definition_fr: Accueils dont la décision est datée de la période, quelle qu'en soit l'issue.
-- rule: no_date | The date is missing | La date manque
-- cites: derived from CSP guidelines 2017, part 3
select
    episode_id as unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    intake_on is not null as counted,
    case when intake_on is null then 'no_date' end as left_out_by,
    cast(null as double) as value,
    _address
from core.csp_episode
where intake_on between starts_on and ends_on or intake_on is null and intake_decision is not null
