-- One row per active CSP episode of a youth of 14 or more, or of unknown age.
-- measure: csp_youth_14_active
-- kind: count
-- unit: child
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: who
-- ordinal: 131
-- evidence: client.birth_date, episode.assigned_on
-- label: Youth of 14 and over active at quarter end
-- label_fr: Jeunes de 14 ans et plus actifs à la fin du trimestre
-- definition: Youth who are 14 or older on the last day of the quarter and active then, each
-- definition: counted once.
-- definition_fr: Jeunes de 14 ans ou plus au dernier jour du trimestre et actifs ce jour-là, chacun
-- definition_fr: compté une seule fois.
-- rule: no_birth_date | The birth date is missing | La date de naissance manque
-- rule: no_client | Not among the agency's clients of the quarter | Absent des clients de l'organisme pour le trimestre
-- rule: no_consent | No consent to link, and the agreement leaves such clients out | Aucun consentement au jumelage; l'entente exclut ces clients
-- rule: over_age | Past the age limit (21 unless set otherwise) | Au-delà de la limite d'âge (21 ans sauf réglage contraire)
-- cites: derived from CSP guidelines 2017, part 6, transitions at age 14
select
    coalesce(f.child_id, 'client of ' || e.episode_id) as unit_id,
    e.quarter,
    e.agency,
    e.employer,
    e.area,
    e.municipality,
    e.birth_date is not null and coalesce(f.is_counted, false) as counted,
    case
        when e.birth_date is null then 'no_birth_date'
        when f.child_id is null then 'no_client'
        else f.left_out_by
    end as left_out_by,
    cast(null as double) as value,
    e._address
from core.csp_episode as e
left join link.client_family as f
    on f.agency = e.agency and f.client_local_id = e.client_local_id and f.quarter = e.quarter
where e.is_active and coalesce(e.birth_date + to_years(14) <= e.ends_on, true)
