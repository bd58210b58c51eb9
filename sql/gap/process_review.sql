-- One row per CSP episode active at the end of the quarter with a plan old enough for a review.
-- measure: process_review
-- kind: share
-- unit: episode
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: how_well
-- ordinal: 532
-- evidence: plan.written_on, plan.reviewed_on
-- label: Plans reviewed within the months set
-- label_fr: Plans révisés dans le délai fixé
-- definition: Of the active plans at least as old as the setting review_months (6 unless set, as other
-- definition: areas have it), the share whose last review lies no longer back.
-- definition_fr: Part des plans actifs qui comptent au moins le nombre de mois du paramètre review_months
-- definition_fr: (6 par défaut, comme d'autres secteurs) et dont la dernière révision ne remonte pas plus loin.
-- cites: derived from local protocols of other areas, taken as a setting: "Service Co-ordination Guidelines for Leeds & Grenville"; "Service Integration Guidelines for Kingston, Frontenac and Lennox & Addington"
select
    unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    counted,
    left_out_by,
    value,
    _address
from measure.integration_reviewed
