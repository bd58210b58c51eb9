-- One row per client with an open file in the quarter, with its family.
-- measure: families_known
-- kind: count
-- unit: family
-- basis: unique_in_period
-- version: 1
-- since: 2025-26Q1
-- question: who
-- ordinal: 121
-- evidence: client.opened_on, client.closed_on
-- label: Families known to any agency
-- label_fr: Familles connues d'un organisme
-- definition: Families with an open file at any agency on any day of the period, each counted once
-- definition: over all agencies.
-- definition_fr: Familles ayant un dossier ouvert dans un organisme un jour quelconque de la
-- definition_fr: période, chacune comptée une seule fois.
-- rule: no_consent | No consent to link, and the agreement leaves such clients out | Aucun consentement au jumelage; l'entente exclut ces clients
-- rule: over_age | Past the age limit (21 unless set otherwise) | Au-delà de la limite d'âge (21 ans sauf réglage contraire)
-- cites: derived from CSP guidelines 2017, part 10
select
    f.family_id as unit_id,
    c.quarter,
    c.agency,
    c.agency as employer,
    c.area,
    c.municipality,
    f.is_counted as counted,
    f.left_out_by,
    cast(null as double) as value,
    c._address
from core.client as c
join link.client_family as f
    on f.agency = c.agency and f.client_local_id = c.client_local_id and f.quarter = c.quarter
where c.is_active
