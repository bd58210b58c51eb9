-- One row per CSP episode waiting at the end of the quarter, with its family; missing dates apart.
-- measure: csp_families_waiting
-- kind: count
-- unit: family
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 402
-- evidence: episode.referral_on, episode.assigned_on
-- label: Families waiting for a coordinator
-- label_fr: Familles en attente d'un coordonnateur
-- definition: Families referred, not ended and without a coordinator on the last day of the
-- definition: quarter, each counted once; a family that withdrew or was not accepted waits no more.
-- definition_fr: Familles aiguillées, sans fin ni coordonnateur au dernier jour du trimestre,
-- definition_fr: chacune comptée une seule fois; une famille qui s'est retirée ou n'a pas été
-- definition_fr: acceptée n'attend plus.
-- rule: no_referral_date | The referral date is missing | La date d'aiguillage manque
-- rule: no_client | Not among the agency's clients of the quarter | Absent des clients de l'organisme pour le trimestre
-- rule: no_consent | No consent to link, and the agreement leaves such clients out | Aucun consentement au jumelage; l'entente exclut ces clients
-- rule: over_age | Past the age limit (21 unless set otherwise) | Au-delà de la limite d'âge (21 ans sauf réglage contraire)
-- cites: derived from CSP guidelines 2017, part 8
select
    coalesce(f.family_id, 'client of ' || e.episode_id) as unit_id,
    e.quarter,
    e.agency,
    e.employer,
    e.area,
    e.municipality,
    e.is_waiting and coalesce(f.is_counted, false) as counted,
    case
        when not e.is_waiting then 'no_referral_date'
        when f.family_id is null then 'no_client'
        else f.left_out_by
    end as left_out_by,
    cast(null as double) as value,
    e._address
from core.csp_episode as e
left join link.client_family as f
    on f.agency = e.agency and f.client_local_id = e.client_local_id and f.quarter = e.quarter
where e.is_waiting or e.status = 'waiting' and e.referral_on is null
