-- One row per CSP episode active at the end of the quarter with a plan.
-- measure: integration_team
-- kind: ratio
-- unit: plan
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: how_well
-- ordinal: 335
-- evidence: plan.written_on, client.opened_on
-- label: Agencies on the team of a plan
-- label_fr: Organismes dans l'équipe d'un plan
-- definition: Agencies with an open file on the child in the quarter, the one that holds the plan
-- definition: among them, on average per active episode with a plan. Children who are not linked
-- definition: count alone and are left out.
-- definition_fr: Organismes ayant un dossier ouvert sur l'enfant durant le trimestre, y compris
-- definition_fr: celui qui tient le plan, en moyenne par épisode actif doté d'un plan. Les
-- definition_fr: enfants qui ne sont pas jumelés comptent à part et sont exclus.
-- rule: not_linked | The child is in no unduplicated count | L'enfant ne figure dans aucun décompte sans doublons
-- cites: derived from CSP guidelines 2017, part 8
select
    e.episode_id as unit_id,
    e.quarter,
    e.agency,
    e.employer,
    e.area,
    e.municipality,
    t.agency_count is not null as counted,
    case when t.agency_count is null then 'not_linked' end as left_out_by,
    cast(t.agency_count as double) as value,
    cast(1 as double) as weight,
    e._plan_address as _address
from core.csp_episode as e
left join link.client_child as c
    on c.agency = e.agency and c.client_local_id = e.client_local_id and c.quarter = e.quarter
left join link.child_team as t on t.child_id = c.child_id and t.quarter = c.quarter
where e.is_active and e.written_on <= e.ends_on
