-- One row per agreement, formal or not, in the register.
-- measure: agreements_in_place
-- kind: count
-- unit: agreement
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 481
-- by: kind, partner_category
-- evidence: agreement.signed_on, agreement.expires_on
-- label: Agreements in place
-- label_fr: Ententes en vigueur
-- definition: Agreements with partners that hold on the last day of the quarter: memoranda of
-- definition: understanding, information sharing, and informal ones.
-- definition_fr: Ententes avec des partenaires en vigueur au dernier jour du trimestre :
-- definition_fr: protocoles d'entente, échange de renseignements et ententes informelles.
-- rule: no_date | The day of signing is missing | La date de signature manque
-- rule: not_in_force | Not yet signed, or over | Pas encore signée, ou échue
-- breakdown: kind | Kind of agreement | Genre d'entente
-- list: agreement_kind
-- breakdown: partner_category | Category of partner | Catégorie de partenaire
-- list: partner_category
-- cites: derived from CSP guidelines 2017, part 8; SmartStart Hubs guidelines, part 9
select
    agreement_id as unit_id,
    quarter,
    agency,
    agency as employer,
    cast(null as varchar) as area,
    cast(null as varchar) as municipality,
    kind,
    partner_category,
    is_in_force as counted,
    case
        when is_in_force then null
        when signed_on is null then 'no_date'
        else 'not_in_force'
    end as left_out_by,
    cast(null as double) as value,
    _address
from core.agreement_in_force
