-- One row per required category of partner and quarter for which agreements are kept.
-- measure: partners_missing
-- kind: count
-- unit: category
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 484
-- by: partner_category
-- evidence: agreement.partner_category, agreement.signed_on
-- label: Required partner categories without a formal agreement
-- label_fr: Catégories de partenaires exigées sans entente officielle
-- definition: Categories of partner that the guidelines require (Coordinated Service Planning;
-- definition: SmartStart Hubs where there is one) without a formal agreement in force on the last
-- definition: day of the quarter.
-- definition_fr: Catégories de partenaires qu'exigent les lignes directrices (planification
-- definition_fr: coordonnée; carrefours SmartStart s'il y en a) sans entente officielle en
-- definition_fr: vigueur au dernier jour du trimestre.
-- rule: covered | There is a formal agreement | Il y a une entente officielle
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
    i.partner_category is null as counted,
    case when i.partner_category is not null then 'covered' end as left_out_by,
    cast(null as double) as value,
    coalesce(i._address, k._address) as _address
from kept as k
cross join core.required_partner as r
left join in_force as i
    on i.quarter = k.quarter and i.agency = k.agency and i.partner_category = r.partner_category
where r.programme <> 'hub' or exists (select 1 from stage.agency as a where a.category = 'hub')
