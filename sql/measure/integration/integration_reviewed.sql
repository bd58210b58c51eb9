-- One row per CSP episode active at the end of the quarter with a plan of six months or more.
-- measure: integration_reviewed
-- kind: share
-- unit: episode
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: how_well
-- ordinal: 333
-- evidence: plan.written_on, plan.reviewed_on
-- label: Plans reviewed within six months
-- label_fr: Plans révisés dans les six mois
-- definition: Of the active episodes whose plan is at least as old as the setting review_months
-- definition: (6 unless set, as other areas' protocols have it), the share whose last review lies no longer back,
-- definition: whatever due date is recorded.
-- definition_fr: Part des épisodes actifs dont le plan compte au moins le nombre de mois du
-- definition_fr: paramètre review_months (6 par défaut, comme d'autres secteurs) et dont la dernière
-- definition_fr: révision ne remonte pas plus loin, quelle que soit l'échéance inscrite.
-- cites: derived from local protocols of other areas, taken as a setting: "Service Co-ordination Guidelines for Leeds & Grenville"; "Service Integration Guidelines for Kingston, Frontenac and Lennox & Addington"
with aged as (
    select
        *,
        cast(ends_on - to_months(coalesce((
            select max(cast(value as integer))
            from stage.setting
            where name = 'review_months'), 6)) as date) as months_ago
    from core.csp_episode
    where is_active
)
select
    episode_id as unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    true as counted,
    cast(null as varchar) as left_out_by,
    cast(if(coalesce(reviewed_on between months_ago and ends_on, false), 1, 0) as double) as value,
    _plan_address as _address
from aged
where written_on <= months_ago
