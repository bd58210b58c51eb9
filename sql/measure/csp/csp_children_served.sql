-- One row per CSP episode with a coordinator in the quarter, with its child; missing dates apart.
-- measure: csp_children_served
-- kind: count
-- unit: child
-- basis: unique_in_period
-- version: 1
-- since: 2025-26Q1
-- question: who
-- ordinal: 112
-- evidence: episode.assigned_on, episode.inactive_on, episode.closed_on
-- label: Children and youth served
-- label_fr: Enfants et jeunes servis
-- definition: Children and youth with a coordinator on any day of the period, each counted once
-- definition: over all agencies.
-- definition_fr: Enfants et jeunes ayant un coordonnateur un jour quelconque de la période, chacun
-- definition_fr: compté une seule fois pour tous les organismes.
-- rule: no_start_date | The date on which the coordinator was assigned is missing | La date d'affectation du coordonnateur manque
-- rule: no_end_date | Ended, but the date is missing | Terminé, mais la date manque
-- rule: no_client | Not among the agency's clients of the quarter | Absent des clients de l'organisme pour le trimestre
-- rule: no_consent | No consent to link, and the agreement leaves such clients out | Aucun consentement au jumelage; l'entente exclut ces clients
-- rule: over_age | Past the age limit (21 unless set otherwise) | Au-delà de la limite d'âge (21 ans sauf réglage contraire)
-- cites: derived from CSP guidelines 2017, part 10
with served as (
    select
        *,
        case
            when assigned_on is null then 'no_start_date'
            when ended_on is null and is_ended then 'no_end_date'
        end as left_out_by
    from core.csp_episode
    where assigned_on <= ends_on and coalesce(ended_on >= starts_on, true)
        or assigned_on is null and status = 'active'
)
select
    coalesce(f.child_id, 'client of ' || e.episode_id) as unit_id,
    e.quarter,
    e.agency,
    e.employer,
    e.area,
    e.municipality,
    e.left_out_by is null and coalesce(f.is_counted, false) as counted,
    case
        when e.left_out_by is not null then e.left_out_by
        when f.child_id is null then 'no_client'
        else f.left_out_by
    end as left_out_by,
    cast(null as double) as value,
    e._address
from served as e
left join link.client_family as f
    on f.agency = e.agency and f.client_local_id = e.client_local_id and f.quarter = e.quarter
