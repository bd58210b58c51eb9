-- One row per survey, or round of surveys, returned in the quarter.
-- measure: family_surveys_returned
-- kind: sum
-- unit: survey
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: how_well
-- ordinal: 323
-- evidence: survey_round.returned_count, survey.returned_on
-- label: Family surveys returned
-- label_fr: Sondages reçus des familles
-- definition: Surveys that came back in the period: a round of the register or, in quarters
-- definition: without one, those dated in agencies' files.
-- definition_fr: Sondages revenus durant la période : une série inscrite au registre ou, dans les
-- definition_fr: trimestres sans série, ceux que datent les fichiers des organismes.
-- rule: in_register | The register counts it already | Le registre en tient déjà compte
-- cites: derived from CSP guidelines 2017, parts 2 and 10
select
    survey_round_id as unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    not is_in_register as counted,
    case when is_in_register then 'in_register' end as left_out_by,
    cast(returned_count as double) as value,
    _address
from core.survey_count
where audience = 'family' and returned_count is not null
