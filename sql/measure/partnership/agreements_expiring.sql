-- One row per agreement that ends soon after the quarter.
-- measure: agreements_expiring
-- kind: count
-- unit: agreement
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 482
-- by: partner_category
-- evidence: agreement.expires_on
-- label: Agreements expiring soon
-- label_fr: Ententes arrivant bientôt à échéance
-- definition: Agreements that hold on the last day of the quarter and end within the days of the
-- definition: setting agreement_notice_days (90 unless set).
-- definition_fr: Ententes en vigueur au dernier jour du trimestre qui échoient dans le nombre de
-- definition_fr: jours du paramètre agreement_notice_days (90 par défaut).
-- rule: not_soon | Does not end soon | N'échoit pas bientôt
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
    partner_category,
    is_expiring as counted,
    case when not is_expiring then 'not_soon' end as left_out_by,
    cast(null as double) as value,
    _address
from core.agreement_in_force
where is_in_force
