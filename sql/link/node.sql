-- One row per client and way of counting it: with what it is linked to, or alone.
-- key: node
--
-- Numbers follow agency and local id, so that the first of a group is always the same record. A
-- client whose consent ended within the year has both: the quarters without it are counted alone.
select
    row_number() over (order by agency, client_local_id, not is_linkable) as node,
    agency,
    client_local_id,
    not is_linkable as is_alone
from (select distinct agency, client_local_id, is_linkable from link.client_consent)
