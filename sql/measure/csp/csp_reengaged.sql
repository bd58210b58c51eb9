-- One row per CSP episode begun or taken up again in the quarter.
-- measure: csp_reengaged
-- kind: count
-- unit: episode
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: what
-- ordinal: 212
-- evidence: episode.reengaged_on, episode.referral_on
-- label: Re-engagements
-- label_fr: Reprises
-- definition: Ended episodes taken up again in the period, and referrals in the period of a client
-- definition: of the same agency whose earlier episode had ended.
-- definition_fr: Épisodes terminés repris durant la période, et aiguillages de la période d'un
-- definition_fr: client du même organisme dont un épisode antérieur avait pris fin.
-- rule: no_earlier_episode | No earlier episode ended before it | Aucun épisode antérieur n'a pris fin auparavant
-- cites: derived from CSP guidelines 2017, part 4
with returned as (
    -- Back in the same episode, or referred again after an earlier one ended.
    select e.episode_id, e.quarter, bool_or(b.episode_id is not null) as has_earlier
    from core.csp_episode as e
    left join core.csp_episode as b
        on b.agency = e.agency and b.client_local_id = e.client_local_id and b.quarter <= e.quarter
        and b.episode_id <> e.episode_id and b.ended_on <= e.referral_on
    group by e.episode_id, e.quarter
)
select
    e.episode_id as unit_id,
    e.quarter,
    e.agency,
    e.employer,
    e.area,
    e.municipality,
    e.reengaged_on is not null or r.has_earlier as counted,
    case
        when e.reengaged_on is null and not r.has_earlier then 'no_earlier_episode'
    end as left_out_by,
    cast(null as double) as value,
    e._address
from core.csp_episode as e
join returned as r on r.episode_id = e.episode_id and r.quarter = e.quarter
where coalesce(e.reengaged_on, e.referral_on) between e.starts_on and e.ends_on
