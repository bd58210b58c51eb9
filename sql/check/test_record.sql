-- One row per client that is a test entry.
-- check: test_record
-- class: case
-- severity: sets_aside
-- name: Test entry
-- name_fr: Saisie d'essai
-- fix: remove the entry from your system, or from the export
-- fix_fr: retirez la saisie de votre système ou de l'extraction
--
-- basis: common sense
-- applies: clients with a name
select
    t.agency,
    t.quarter,
    t.client_local_id,
    cast(null as varchar) as column_name,
    'the name is that of a test entry; the client and its rows are not counted' as detail,
    t._address
from stage.client as t
where regexp_full_match(lower(t.family_name), '(z+ ?)?test(s|er|ing)?|z{3,}|x{3,}|dummy|essai|test[ -]?(client|child|patient|record|entry)|do not use|ne pas utiliser')
    or regexp_full_match(lower(t.given_name), '(z+ ?)?test(ing)?|z{3,}|x{3,}|dummy|essai|do not use|ne pas utiliser')
    or regexp_full_match(lower(concat_ws(' ', t.given_name, t.family_name)), '.*(do not use|ne pas utiliser).*|(test|dummy|fake) (client|child|patient|record|entry)|client (test|essai)')
