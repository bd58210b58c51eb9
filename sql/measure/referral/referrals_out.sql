-- One row per referral out of a client whose plan closed in the quarter, or dated in it.
-- measure: referrals_out
-- kind: count
-- unit: referral
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: what
-- ordinal: 246
-- by: source
-- evidence: referral.referred_on, episode.closed_on, episode.status_on
-- label: Referrals out from closed plans
-- label_fr: Aiguillages vers d'autres services, plans fermés
-- definition: Referrals to other agencies and services made under a plan that closed in the
-- definition: period; they count in the quarter in which it closed.
-- definition_fr: Aiguillages vers d'autres organismes et services faits dans le cadre d'un plan
-- definition_fr: fermé durant la période; ils comptent au trimestre de la fermeture.
-- rule: no_plan | There is no plan | Il n'y a pas de plan
-- rule: plan_open | The plan is not closed | Le plan n'est pas fermé
-- rule: after_closing | Made after the plan closed, or on an unknown day | Fait après la fermeture du plan, ou à une date inconnue
-- breakdown: source | Referred to | Vers
-- list: source
-- cites: derived from the counting of "Service Information Gathering, Coordination and Integration"
select
    referral_id as unit_id,
    quarter,
    agency,
    agency as employer,
    area,
    municipality,
    other_party_category as source,
    coalesce(ended_on between starts_on and ends_on and referred_on <= ended_on, false) as counted,
    case
        when programme is null then 'no_plan'
        when ended_on is null or ended_on > ends_on then 'plan_open'
        when coalesce(referred_on > ended_on, true) then 'after_closing'
    end as left_out_by,
    cast(null as double) as value,
    _address
from core.client_referral
where direction = 'out'
    and (referred_on between starts_on and ends_on or ended_on between starts_on and ends_on)
