-- One row per episode that is open while another of the client and programme is.
-- check: two_open_episodes
-- class: case
-- severity: note
-- name: Two open episodes of one client
-- name_fr: Deux épisodes ouverts d'un même client
-- fix: close the episode that has ended; if both are open, nothing needs to be done
-- fix_fr: fermez l'épisode qui est terminé; si les deux sont ouverts, il n'y a rien à faire
--
-- basis: domain.md 1.3 (families can re-engage, so one has several episodes), common sense
-- applies: episodes with a status
select
    t.agency,
    t.quarter,
    'status' as column_name,
    'the client has another open episode in the same programme' as detail,
    t._address
from stage.episode as t
where t.is_superseded is not true and t.status in ('active', 'waiting')
qualify row_number() over (
    partition by t.agency, t.quarter, t.as_of, t._address.file, t.client_local_id, t.programme
    order by t.referral_on nulls first, t._address."row", t._address.path) > 1
