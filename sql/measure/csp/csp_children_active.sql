-- One row per CSP episode active at the end of the quarter, with its child; missing dates apart.
-- measure: csp_children_active
-- kind: count
-- unit: child
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: who
-- ordinal: 114
-- evidence: episode.assigned_on, episode.status
-- label: Children and youth active at quarter end
-- label_fr: Enfants et jeunes actifs à la fin du trimestre
-- definition: Children and youth with a coordinator assigned and no end on the last day of the
-- definition: quarter, each counted once.
-- definition_fr: Enfants et jeunes ayant un coordonnateur affecté, sans fin au dernier jour du
-- definition_fr: trimestre, chacun compté une seule fois.
-- rule: no_start_date | The date on which the coordinator was assigned is missing | La date d'affectation du coordonnateur manque
-- rule: no_client | Not among the agency's clients of the quarter | Absent des clients de l'organisme pour le trimestre
-- rule: no_consent | No consent to link, and the agreement leaves such clients out | Aucun consentement au jumelage; l'entente exclut ces clients
-- rule: over_age | Past the age limit (21 unless set otherwise) | Au-delà de la limite d'âge (21 ans sauf réglage contraire)
-- cites: derived from CSP guidelines 2017, part 4
select
    coalesce(f.child_id, 'client of ' || e.episode_id) as unit_id,
    e.quarter,
    e.agency,
    e.employer,
    e.area,
    e.municipality,
    e.is_active and coalesce(f.is_counted, false) as counted,
    case
        when not e.is_active then 'no_start_date'
        when f.child_id is null then 'no_client'
        else f.left_out_by
    end as left_out_by,
    cast(null as double) as value,
    e._address
from core.csp_episode as e
left join link.client_family as f
    on f.agency = e.agency and f.client_local_id = e.client_local_id and f.quarter = e.quarter
where e.is_active or e.status = 'active' and e.assigned_on is null
