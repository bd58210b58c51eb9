-- One row per score of an answer, or average of a round, in the quarter.
-- measure: family_survey_score
-- kind: ratio
-- unit: answer
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: how_well
-- ordinal: 325
-- by: scale
-- evidence: survey_round.score, survey.score
-- label: Family surveys: average score by outcome
-- label_fr: Sondages auprès des familles : note moyenne par résultat
-- definition: Average score of the five outcomes of the guidelines, each answer weighing the
-- definition: same, in the scale of the tool (1 to 7 for MPOC).
-- definition_fr: Note moyenne des cinq résultats visés par les lignes directrices, chaque réponse
-- definition_fr: ayant le même poids, dans l'échelle de l'outil (1 à 7 pour le MPOC).
-- rule: in_register | The register counts it already | Le registre en tient déjà compte
-- breakdown: scale | Outcome | Résultat
-- list: survey_scale
-- cites: derived from CSP guidelines 2017, parts 2 and 10
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
where audience = 'family' and score is not null
