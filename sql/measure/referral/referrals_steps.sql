-- One row per referral out accepted in the quarter.
-- measure: referrals_steps
-- kind: ratio
-- unit: referral
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: how_well
-- ordinal: 352
-- evidence: referral.outcome, referral.referred_on
-- label: Steps to the right provider
-- label_fr: Étapes vers le bon fournisseur
-- definition: Referrals out that it took for each accepted one: the accepted one, and those of
-- definition: the client before it since the last that was accepted; on average per referral
-- definition: accepted that is dated in the period. One is best.
-- definition_fr: Aiguillages qu'il a fallu pour chaque aiguillage accepté : l'aiguillage accepté
-- definition_fr: et ceux du client qui l'ont précédé depuis le dernier accepté; en moyenne par
-- definition_fr: aiguillage accepté daté de la période. Un est l'idéal.
-- cites: derived from "Service Information Gathering, Coordination and Integration" (fewest possible steps)
with stepped as (
    select
        *,
        count(*) filter (outcome = 'accepted') over (
            partition by agency, client_local_id, quarter
            order by referred_on, referral_id
            rows between unbounded preceding and 1 preceding) as accepted_before
    from core.client_referral
    where direction = 'out' and referred_on <= ends_on
),
counted_step as (
    select
        *,
        count(*) over (
            partition by agency, client_local_id, quarter, accepted_before
            order by referred_on, referral_id) as step_count
    from stepped
)
select
    referral_id as unit_id,
    quarter,
    agency,
    agency as employer,
    area,
    municipality,
    true as counted,
    cast(null as varchar) as left_out_by,
    cast(step_count as double) as value,
    cast(1 as double) as weight,
    _address
from counted_step
where outcome = 'accepted' and referred_on between starts_on and ends_on
