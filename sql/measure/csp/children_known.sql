-- One row per client with an open file in the quarter, with its child.
-- measure: children_known
-- kind: count
-- unit: child
-- basis: unique_in_period
-- version: 1
-- since: 2025-26Q1
-- question: who
-- ordinal: 122
-- evidence: client.opened_on, client.closed_on
-- label: Children and youth known to any agency
-- label_fr: Enfants et jeunes connus d'un organisme
-- definition: Children and youth with an open file at any agency on any day of the period, each
-- definition: counted once over all agencies.
-- definition_fr: Enfants et jeunes ayant un dossier ouvert dans un organisme un jour quelconque de
-- definition_fr: la période, chacun compté une seule fois.
-- rule: no_consent | No consent to link, and the agreement leaves such clients out | Aucun consentement au jumelage; l'entente exclut ces clients
-- rule: over_age | Past the age limit (21 unless set otherwise) | Au-delà de la limite d'âge (21 ans sauf réglage contraire)
-- cites: derived from CSP guidelines 2017, part 10
select
    f.child_id as unit_id,
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
