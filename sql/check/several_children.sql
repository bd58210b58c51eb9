-- One row per client whose given name names several children.
-- check: several_children
-- class: row
-- severity: note
-- name: Several children in one row
-- name_fr: Plusieurs enfants sur une ligne
-- fix: give each child a row and a number of its own; if it is one name, nothing needs to be done
-- fix_fr: donnez à chaque enfant sa ligne et son numéro; si c'est un seul prénom, il n'y a rien à faire
--
-- basis: domain.md 1.9 D04 (unique children)
-- applies: clients with a given name
select
    t.agency,
    t.quarter,
    'given_name' as column_name,
    'joins names by a sign or a word such as and' as detail,
    t._address
from stage.client as t
where t.is_superseded is not true
    and regexp_matches(lower(t.given_name), '[a-zà-ÿ]( and | et | & |&|/| / |[+])[a-zà-ÿ]')
