-- One row per wait for a service that the client receives.
-- check: waiting_for_what_is_received
-- class: case
-- severity: note
-- name: Waiting for a service that is received
-- name_fr: En attente d'un service déjà reçu
-- fix: take the child off the list; if it waits for more of the same service, nothing needs to be done
-- fix_fr: retirez l'enfant de la liste; s'il attend davantage du même service, il n'y a rien à faire
--
-- basis: domain.md 1.5 (wait times are published), 8 (served and waiting stand side by side)
-- applies: waits and services of one agency, by type of service
select
    t.agency,
    t.quarter,
    'left_on' as column_name,
    'a service of the same type has started since, and the wait goes on' as detail,
    t._address
from stage.wait as t
where t.is_superseded is not true
    and t.left_on is null
    and exists (
        select 1
        from stage.service as s
        where s.agency = t.agency
            and s.quarter = t.quarter
            and s.as_of = t.as_of
            and s.client_local_id = t.client_local_id
            and s.service_type = t.service_type
            and s.is_superseded is not true
            and s.started_on between t.joined_on and t.as_of
            and s.ended_on is null)
