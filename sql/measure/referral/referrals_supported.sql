-- One row per referral out dated in the quarter.
-- measure: referrals_supported
-- kind: share
-- unit: referral
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: how_well
-- ordinal: 351
-- evidence: referral.kind
-- label: Referrals out with supported access
-- label_fr: Aiguillages avec accès accompagné
-- definition: Of the referrals to other services made in the period, the share with supported
-- definition: access: the agency contacts the service itself and passes on what the family has
-- definition: told.
-- definition_fr: Part des aiguillages vers d'autres services faits durant la période avec un
-- definition_fr: accès accompagné : l'organisme communique lui-même avec le service et lui
-- definition_fr: transmet ce que la famille a déjà dit.
-- rule: no_kind | The kind of referral is not recorded | Le genre d'aiguillage n'est pas consigné
-- cites: derived from "Service Information Gathering, Coordination and Integration"; SmartStart Hubs guidelines, part 9
select
    referral_id as unit_id,
    quarter,
    agency,
    agency as employer,
    area,
    municipality,
    kind is not null as counted,
    case when kind is null then 'no_kind' end as left_out_by,
    cast(if(kind = 'supported', 1, 0) as double) as value,
    _address
from core.client_referral
where direction = 'out' and referred_on between starts_on and ends_on
