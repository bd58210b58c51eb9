-- One row per client and quarter: its child and family, and whether they count.
-- key: agency, client_local_id, quarter
select
    cc.agency,
    cc.client_local_id,
    cc.quarter,
    cc.child_id,
    f.family_id,
    cc.is_counted,
    cc.left_out_by
from link.client_child as cc
join link.child_family as f on f.child_id = cc.child_id and f.quarter = cc.quarter
