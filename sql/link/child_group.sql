-- One row per node: the first node of the group that exact keys hold together.
-- key: node
-- assert: first_node <= node
--
-- Each takes the smallest number that it reaches over the edges; a round only looks at what
-- changed.
with recursive edge as (
    select left_node, right_node from link.child_edge
    union
    select right_node, left_node from link.child_edge
),
reached (node, first_node) using key (node) as (
    select node, node as first_node from link.node
    union
    select e.right_node, min(r.first_node)
    from reached as r
    join edge as e on e.left_node = r.node
    join recurring.reached as known on known.node = e.right_node
    where r.first_node < known.first_node
    group by e.right_node
)
select
    node,
    first_node
from reached
