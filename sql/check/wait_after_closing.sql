-- One row per wait that goes on after the client's file closed.
-- check: wait_after_closing
-- class: row
-- severity: please_confirm
-- name: Waiting after the file closed
-- name_fr: En attente après la fermeture du dossier
-- fix: take the child off the list, or open the file again
-- fix_fr: retirez l'enfant de la liste, ou rouvrez le dossier
--
-- basis: domain.md 1.5 (wait times are published)
-- applies: waits without a day of leaving of clients whose file has closed
select
    t.agency,
    t.quarter,
    'left_on' as column_name,
    'the wait goes on although the file closed' as detail,
    t._address
from stage.wait as t
where t.is_superseded is not true
    and t.left_on is null
    and t.outcome is null
    and exists (
        select 1
        from stage.client as c
        where c.agency = t.agency
            and c.quarter = t.quarter
            and c.as_of = t.as_of
            and c.client_local_id = t.client_local_id
            and c.is_superseded is not true
            and c.closed_on < t.as_of
            and c.closed_on >= coalesce(t.joined_on, c.closed_on))
