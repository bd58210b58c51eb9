-- One row per connection that a hub made in the quarter.
-- measure: hub_connections
-- kind: count
-- unit: connection
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: what
-- ordinal: 252
-- by: kind
-- evidence: referral.referred_on, referral.kind
-- label: SmartStart Hub: connections made
-- label_fr: Carrefour SmartStart : mises en relation
-- definition: Connections from the hub to other services dated in the period: supported where the
-- definition: hub contacts the service itself, information only where the family does.
-- definition_fr: Mises en relation du carrefour avec d'autres services datées de la période :
-- definition_fr: accompagnées lorsque le carrefour communique lui-même avec le service,
-- definition_fr: renseignements seulement lorsque la famille le fait.
-- breakdown: kind | Kind of connection | Genre de mise en relation
-- list: referral_kind
-- cites: derived from SmartStart Hubs guidelines, part 9
select
    referral_id as unit_id,
    quarter,
    agency,
    agency as employer,
    area,
    municipality,
    kind,
    true as counted,
    cast(null as varchar) as left_out_by,
    cast(null as double) as value,
    _address
from core.client_referral
where programme = 'hub' and direction = 'out' and referred_on between starts_on and ends_on
