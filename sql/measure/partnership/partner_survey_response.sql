-- One row per survey sent in the quarter.
-- measure: partner_survey_response
-- kind: share
-- unit: survey
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 487
-- evidence: survey_round.sent_count, survey_round.returned_count, survey.sent_on
-- label: Partner surveys: response rate
-- label_fr: Sondages auprès des partenaires : taux de réponse
-- definition: Of the surveys sent in the period, the share that came back. A round that does not
-- definition: say both how many were sent and how many came back is left out.
-- definition_fr: Part des sondages envoyés durant la période qui sont revenus. Une série qui
-- definition_fr: n'indique pas à la fois le nombre d'envois et de retours est exclue.
-- rule: in_register | The register counts it already | Le registre en tient déjà compte
-- rule: not_told | How many came back is not told | Le nombre de retours n'est pas indiqué
-- cites: derived from CSP guidelines 2017, part 10
--
-- One answer that has not come back is a survey without an answer; a whole round without the
-- number of its answers is a cell that nobody filled.
with sent as (
    select
        *,
        is_in_register or returned_count is null and agency = employer and sent_count > 1
            as is_left_out,
        unnest(range(least(coalesce(sent_count, 0), 100000))) as place
    from core.survey_count
    where audience = 'partner'
)
select
    survey_round_id || ' ' || place as unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    not is_left_out as counted,
    case
        when is_in_register then 'in_register'
        when is_left_out then 'not_told'
    end as left_out_by,
    cast(if(place < coalesce(returned_count, 0), 1, 0) as double) as value,
    _address
from sent
