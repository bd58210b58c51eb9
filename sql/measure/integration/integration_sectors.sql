-- One row per CSP episode active at the end of the quarter with a plan.
-- measure: integration_sectors
-- kind: ratio
-- unit: plan
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: how_well
-- ordinal: 338
-- evidence: plan.written_on, client.opened_on
-- label: Sectors on the team of a plan
-- label_fr: Secteurs dans l'équipe d'un plan
-- definition: Sectors (treatment centre, school board, health and so on) of the agencies with an
-- definition: open file on the child in the quarter, on average per active episode with a plan.
-- definition_fr: Secteurs (centre de traitement, conseil scolaire, santé, etc.) des organismes
-- definition_fr: ayant un dossier ouvert sur l'enfant durant le trimestre, en moyenne par épisode
-- definition_fr: actif doté d'un plan.
-- rule: not_linked | The child is in no unduplicated count | L'enfant ne figure dans aucun décompte sans doublons
-- cites: derived from CSP guidelines 2017, part 8
select
    e.episode_id as unit_id,
    e.quarter,
    e.agency,
    e.employer,
    e.area,
    e.municipality,
    t.sector_count is not null as counted,
    case when t.sector_count is null then 'not_linked' end as left_out_by,
    cast(t.sector_count as double) as value,
    cast(1 as double) as weight,
    e._plan_address as _address
from core.csp_episode as e
left join link.client_child as c
    on c.agency = e.agency and c.client_local_id = e.client_local_id and c.quarter = e.quarter
left join link.child_team as t on t.child_id = c.child_id and t.quarter = c.quarter
where e.is_active and e.written_on <= e.ends_on
