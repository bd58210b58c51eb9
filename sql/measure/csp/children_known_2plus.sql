-- One row per client with an open file in the period, with its child; year to date apart.
-- measure: children_known_2plus
-- kind: count
-- unit: child
-- basis: unique_in_period
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 412
-- evidence: client.opened_on, client.closed_on
-- label: Children and youth active at two or more agencies
-- label_fr: Enfants et jeunes actifs dans deux organismes ou plus
-- definition: Children and youth with open files at two or more agencies in the period.
-- definition_fr: Enfants et jeunes ayant des dossiers ouverts dans deux organismes ou plus durant
-- definition_fr: la période.
-- rule: no_consent | No consent to link, and the agreement leaves such clients out | Aucun consentement au jumelage; l'entente exclut ces clients
-- rule: over_age | Past the age limit (21 unless set otherwise) | Au-delà de la limite d'âge (21 ans sauf réglage contraire)
-- rule: one_agency | Active at one agency only | Actif dans un seul organisme
-- cites: derived from CSP guidelines 2017, part 10
--
-- Two agencies in two quarters are two agencies of the year: the year to date has its own rows.
with client_in_quarter as (
    select
        c.quarter,
        c.agency,
        c.client_local_id,
        c.area,
        c.municipality,
        c._address,
        f.child_id,
        f.left_out_by
    from core.client as c
    join link.client_family as f
        on f.agency = c.agency and f.client_local_id = c.client_local_id and f.quarter = c.quarter
    where c.is_active
),
client_in_period as (
    select quarter, 'quarter' as period, agency, area, municipality, _address, child_id,
        left_out_by
    from client_in_quarter
    union all
    -- Of the year so far each client once for each child, as its newest quarter has it.
    select q.quarter, 'ytd', c.agency, arg_max_null(c.area, c.quarter),
        arg_max_null(c.municipality, c.quarter),
        arg_max(c._address, c.quarter), c.child_id, c.left_out_by
    from client_in_quarter as c
    join core.quarter as own on own.quarter = c.quarter
    join core.quarter as q on q.fiscal_year = own.fiscal_year and q.number >= own.number
    group by q.quarter, c.agency, c.client_local_id, c.child_id, c.left_out_by
),
shared as (
    select child_id, quarter, period, count(distinct agency) as agency_count
    from client_in_period
    where left_out_by is null
    group by child_id, quarter, period
)
select
    c.child_id as unit_id,
    c.quarter,
    c.period,
    c.agency,
    c.agency as employer,
    c.area,
    c.municipality,
    coalesce(c.left_out_by is null and s.agency_count >= 2, false) as counted,
    coalesce(c.left_out_by, case when s.agency_count < 2 then 'one_agency' end) as left_out_by,
    cast(null as double) as value,
    c._address
from client_in_period as c
left join shared as s on s.child_id = c.child_id and s.quarter = c.quarter and s.period = c.period
