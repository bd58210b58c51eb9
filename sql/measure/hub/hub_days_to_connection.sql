-- One row per family whose first supported connection was made in the quarter.
-- measure: hub_days_to_connection
-- kind: quantile
-- unit: episode
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: how_well
-- ordinal: 362
-- evidence: episode.referral_on, referral.referred_on
-- label: SmartStart Hub: days to first supported connection
-- label_fr: Carrefour SmartStart : jours jusqu'à la première mise en relation accompagnée
-- definition: Calendar days from the request to the first supported connection, for first ones
-- definition: made in the period.
-- definition_fr: Jours civils de la demande à la première mise en relation accompagnée, pour les
-- definition_fr: premières de la période.
-- rule: no_referral_date | The day of the request is missing | La date de la demande manque
-- rule: before_referral | The date lies before the request | La date précède la demande
-- cites: derived from SmartStart Hubs guidelines, part 9
with connected as (
    select agency, client_local_id, quarter, min(referred_on) as connected_on
    from core.client_referral
    where programme = 'hub' and direction = 'out' and kind = 'supported'
    group by agency, client_local_id, quarter
)
select
    h.episode_id as unit_id,
    h.quarter,
    h.agency,
    h.agency as employer,
    h.area,
    h.municipality,
    coalesce(c.connected_on >= h.referral_on, false) as counted,
    case
        when h.referral_on is null then 'no_referral_date'
        when c.connected_on < h.referral_on then 'before_referral'
    end as left_out_by,
    cast(date_diff('day', h.referral_on, c.connected_on) as double) as value,
    h._address
from core.hub_episode as h
join connected as c
    on c.agency = h.agency and c.client_local_id = h.client_local_id and c.quarter = h.quarter
where c.connected_on between h.starts_on and h.ends_on
