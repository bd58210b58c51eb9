-- One row per client and quarter: whether its record may be linked on the quarter's last day.
-- key: agency, client_local_id, quarter
--
-- A consent counts in the scopes that the agency's agreement names; verbal consent counts. What the
-- agreement says of clients without consent is the agency's legal choice, not ours.
with given as (
    select distinct c.agency, c.client_local_id, c.quarter
    from core.consent as c
    join core.quarter as q on q.quarter = c.quarter
    join stage.agency as a on a.agency = c.agency
    where (list_contains(a.linking_scopes, 'any') or list_contains(a.linking_scopes, c.scope))
        and (c.status = 'given' or c.status = 'withdrawn' and c.withdrawn_on > q.ends_on
            or c.status = 'expired' and c.expires_on >= q.ends_on)
        and coalesce(c.signed_on <= q.ends_on, true)
        and coalesce(c.expires_on >= q.ends_on, true)
        and coalesce(c.withdrawn_on > q.ends_on, true)
)
select
    c.agency,
    c.client_local_id,
    c.quarter,
    a.linking_rule,
    g.agency is not null as has_consent,
    g.agency is not null or coalesce(a.linking_rule = 'count_only', false) as is_linkable
from core.client as c
left join stage.agency as a on a.agency = c.agency
left join given as g
    on g.agency = c.agency and g.client_local_id = c.client_local_id and g.quarter = c.quarter
-- What is asked of one client reads a few blocks, for its rows lie together.
order by c.agency, c.client_local_id, c.quarter
