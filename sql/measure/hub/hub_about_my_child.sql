-- One row per family that completed About My Child in the quarter.
-- measure: hub_about_my_child
-- kind: count
-- unit: episode
-- basis: events_in_period
-- version: 1
-- since: 2025-26Q1
-- question: what
-- ordinal: 251
-- evidence: episode.about_my_child_on
-- label: SmartStart Hub: About My Child completed
-- label_fr: Carrefour SmartStart : Au sujet de mon enfant terminé
-- definition: Families with whom the hub completed About My Child in the period.
-- definition_fr: Familles avec qui le carrefour a terminé l'outil Au sujet de mon enfant durant
-- definition_fr: la période.
-- cites: derived from SmartStart Hubs guidelines, part 9
select
    episode_id as unit_id,
    quarter,
    agency,
    agency as employer,
    area,
    municipality,
    true as counted,
    cast(null as varchar) as left_out_by,
    cast(null as double) as value,
    _address
from core.hub_episode
where about_my_child_on between starts_on and ends_on
