-- One row per survey, or round of surveys, sent in the quarter.
-- measure: partner_surveys_sent
-- kind: sum
-- unit: survey
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 485
-- evidence: survey_round.sent_count, survey.sent_on
-- label: Partner surveys sent
-- label_fr: Sondages envoyés auprès des partenaires
-- definition: Surveys sent to partner agencies in the period: a round of the register or, in
-- definition: quarters without one, those dated in agencies' files.
-- definition_fr: Sondages envoyés auprès des partenaires durant la période : une série inscrite
-- definition_fr: au registre ou, dans les trimestres sans série, ceux que datent les fichiers des
-- definition_fr: organismes.
-- rule: in_register | The register counts it already | Le registre en tient déjà compte
-- cites: derived from CSP guidelines 2017, part 10
select
    survey_round_id as unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    not is_in_register as counted,
    case when is_in_register then 'in_register' end as left_out_by,
    cast(sent_count as double) as value,
    _address
from core.survey_count
where audience = 'partner' and sent_count is not null
