-- One row per CSP episode with a coordinator in the quarter, with its family; missing dates apart.
-- measure: csp_families_served
-- kind: count
-- unit: family
-- basis: unique_in_period
-- version: 1
-- since: 2025-26Q1
-- question: who
-- ordinal: 111
-- evidence: episode.assigned_on, episode.inactive_on, episode.closed_on
-- label: Families served
-- label_fr: Familles servies
-- definition: Families with a coordinator on any day of the period, each counted once over all
-- definition: agencies.
-- definition_fr: Familles ayant un coordonnateur un jour quelconque de la période, chacune comptée
-- definition_fr: une seule fois pour tous les organismes.
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
    coalesce(f.family_id, 'client of ' || e.episode_id) as unit_id,
    e.quarter,
    e.agency,
    e.employer,
    e.area,
    e.municipality,
    e.left_out_by is null and coalesce(f.is_counted, false) as counted,
    case
        when e.left_out_by is not null then e.left_out_by
        when f.family_id is null then 'no_client'
        else f.left_out_by
    end as left_out_by,
    cast(null as double) as value,
    e._address
from served as e
left join link.client_family as f
    on f.agency = e.agency and f.client_local_id = e.client_local_id and f.quarter = e.quarter
