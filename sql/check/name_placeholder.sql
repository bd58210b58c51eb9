-- One row per client whose name stands for an unknown one.
-- check: name_placeholder
-- class: row
-- severity: note
-- name: Name stands for unknown
-- name_fr: Nom fictif
-- fix: give the name, or leave it empty when it is not known
-- fix_fr: indiquez le nom, ou laissez-le vide lorsqu'il est inconnu
--
-- basis: common sense
-- applies: clients with a name
with told as (
    select agency, quarter, 'given_name' as column_name, given_name as name, _address
    from stage.client
    where is_superseded is not true
    union all
    select agency, quarter, 'family_name' as column_name, family_name as name, _address
    from stage.client
    where is_superseded is not true
)
select
    t.agency,
    t.quarter,
    t.column_name,
    'is a word for no name, such as unknown or baby' as detail,
    t._address
from told as t
where regexp_full_match(lower(trim(t.name)), '(unknown|inconnue?|n/a|none|aucun|not known|no name|sans nom|tbd|to be determined|withheld|confidential|confidentiel|anonymous|anonyme|baby|bébé|infant|newborn|nouveau-né|twin [ab12]|baby (boy|girl)|(boy|girl)|child|enfant|-+|\.+)')
