-- One row per Service Planning Coordinator employed on the last day of the quarter.
-- measure: csp_caseload
-- kind: ratio
-- unit: coordinator
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 423
-- evidence: coordinator.fte, episode.coordinator
-- label: Active episodes per full-time coordinator
-- label_fr: Épisodes actifs par coordonnateur à temps plein
-- definition: Active episodes on the last day of the quarter whose coordinator is in the
-- definition: register, divided by the full-time equivalents of the coordinators of the register.
-- definition: Names must be written alike in both.
-- definition_fr: Épisodes actifs au dernier jour du trimestre dont le coordonnateur figure au
-- definition_fr: registre, divisés par les équivalents temps plein des coordonnateurs du
-- definition_fr: registre. Les noms doivent s'écrire de la même façon des deux côtés.
-- rule: no_fte | The full-time equivalent is missing | L'équivalent temps plein manque
-- cites: derived from CSP guidelines 2017, part 8
with carried as (
    select
        quarter,
        lower(trim(coordinator)) as coordinator,
        count(distinct episode_id) as episode_count
    from core.csp_episode
    where is_active and coordinator is not null
    group by quarter, lower(trim(coordinator))
)
select
    k.coordinator_id as unit_id,
    k.quarter,
    k.agency,
    k.employer,
    a.area,
    cast(null as varchar) as municipality,
    k.fte is not null as counted,
    case when k.fte is null then 'no_fte' end as left_out_by,
    cast(coalesce(e.episode_count, 0) as double) as value,
    k.fte as weight,
    k._address
from core.coordinator as k
join core.quarter as q on q.quarter = k.quarter
left join stage.agency as a on a.agency = k.employer
left join carried as e
    on e.quarter = k.quarter and e.coordinator = lower(trim(k.coordinator))
where coalesce(k.started_on <= q.ends_on, true)
    and coalesce(k.ended_on >= q.ends_on, true)
