-- One row per score of an answer, or average of a round, in the quarter.
-- measure: partner_survey_score
-- kind: ratio
-- unit: answer
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 488
-- by: scale
-- evidence: survey_round.score, survey.score
-- label: Partner surveys: average score
-- label_fr: Sondages auprès des partenaires : note moyenne
-- definition: Average score of the partner agencies' answers, each weighing the same, in the
-- definition: scale of the tool.
-- definition_fr: Note moyenne des réponses des organismes partenaires, chacune ayant le même
-- definition_fr: poids, dans l'échelle de l'outil.
-- rule: in_register | The register counts it already | Le registre en tient déjà compte
-- breakdown: scale | Outcome | Résultat
-- list: survey_scale
-- cites: derived from CSP guidelines 2017, part 10
select
    survey_round_id as unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    scale,
    not is_in_register as counted,
    case when is_in_register then 'in_register' end as left_out_by,
    score * answer_count as value,
    answer_count as weight,
    _address
from core.survey_outcome
where audience = 'partner' and score is not null
