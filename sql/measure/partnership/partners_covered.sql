-- One row per required category of partner and quarter for which agreements are kept.
-- measure: partners_covered
-- kind: share
-- unit: category
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 483
-- by: partner_category
-- evidence: agreement.partner_category, agreement.signed_on
-- label: Required partner categories with a formal agreement
-- label_fr: Catégories de partenaires exigées ayant une entente officielle
-- definition: Of the categories of partner that the guidelines require (Coordinated Service
-- definition: Planning; SmartStart Hubs where there is one), the share with a formal agreement in
-- definition: force on the last day of the quarter.
-- definition_fr: Part des catégories de partenaires qu'exigent les lignes directrices
-- definition_fr: (planification coordonnée; carrefours SmartStart s'il y en a) ayant une entente
-- definition_fr: officielle en vigueur au dernier jour du trimestre.
-- breakdown: partner_category | Category of partner | Catégorie de partenaire
-- list: partner_category
-- cites: derived from CSP guidelines 2017, part 8; SmartStart Hubs guidelines, part 9
with kept as (
    -- A category without an agreement has no row: the tab itself is where to look.
    select
        quarter,
        agency,
        min(struct_pack(
            quarter := _address.quarter,
            file := _address.file,
            version := _address.version,
            sheet := _address.sheet,
            "row" := cast(null as bigint),
            path := cast(null as varchar))) as _address
    from core.agreement
    group by quarter, agency
),
in_force as (
    select quarter, agency, partner_category, min(_address) as _address
    from core.agreement_in_force
    where is_formal and is_in_force
    group by quarter, agency, partner_category
)
select
    r.programme || ' ' || r.partner_category as unit_id,
    k.quarter,
    k.agency,
    k.agency as employer,
    cast(null as varchar) as area,
    cast(null as varchar) as municipality,
    r.partner_category,
    true as counted,
    cast(null as varchar) as left_out_by,
    cast(if(i.partner_category is not null, 1, 0) as double) as value,
    coalesce(i._address, k._address) as _address
from kept as k
cross join core.required_partner as r
left join in_force as i
    on i.quarter = k.quarter and i.agency = k.agency and i.partner_category = r.partner_category
where r.programme <> 'hub' or exists (select 1 from stage.agency as a where a.category = 'hub')
