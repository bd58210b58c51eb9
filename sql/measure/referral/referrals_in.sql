-- One row per referral in dated in the quarter, or without a date.
-- measure: referrals_in
-- kind: count
-- unit: referral
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: who
-- ordinal: 141
-- by: source
-- evidence: referral.referred_on, referral.other_party_category
-- label: Referrals in from recognised services
-- label_fr: Aiguillages reçus de services reconnus
-- definition: Referrals in from another agency or service in the period. Families themselves,
-- definition: referrals within the agency and those whose source is not recorded do not count,
-- definition: and of several of one client in a quarter only the first does.
-- definition_fr: Aiguillages reçus d'un autre organisme ou service durant la période. Les
-- definition_fr: demandes des familles elles-mêmes, les aiguillages internes et ceux dont la
-- definition_fr: source n'est pas consignée ne comptent pas; de plusieurs aiguillages d'un même
-- definition_fr: client dans un trimestre, seul le premier compte.
-- rule: no_date | The date is missing | La date manque
-- rule: self | By the family itself | Par la famille elle-même
-- rule: no_source | The source is not recorded | La source n'est pas consignée
-- rule: own | A referral within the agency | Un aiguillage interne de l'organisme
-- rule: second | Another referral of that client counts already | Un autre aiguillage de ce client compte déjà
-- breakdown: source | Referral source | Source d'aiguillage
-- list: source
-- cites: derived from the counting of "Service Information Gathering, Coordination and Integration"
with judged as (
    select
        *,
        case
            when referred_on is null then 'no_date'
            when other_party_category = 'self' then 'self'
            when other_party_category is null then 'no_source'
            when is_own then 'own'
        end as left_out
    from core.client_referral
    where direction is distinct from 'out'
        and (referred_on between starts_on and ends_on or referred_on is null)
),
ranked as (
    select
        *,
        coalesce(left_out, case
            when row_number() over (
                partition by agency, client_local_id, quarter, left_out
                order by referred_on, referral_id) > 1 then 'second'
        end) as left_out_by
    from judged
)
select
    referral_id as unit_id,
    quarter,
    agency,
    agency as employer,
    area,
    municipality,
    other_party_category as source,
    left_out_by is null as counted,
    left_out_by,
    cast(null as double) as value,
    _address
from ranked
