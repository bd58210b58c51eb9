-- One row per child and quarter with its family.
-- key: child_id, quarter
select distinct
    cc.child_id,
    cc.quarter,
    f.family_id
from link.client_child as cc
join link.child as c on c.child_id = cc.child_id
join link.family as f on f.node = c.first_node
