-- One row per client whom neither a municipality nor a postal area places.
-- check: no_place
-- class: row
-- severity: note
-- name: Client without a place
-- name_fr: Client sans lieu
-- fix: write the municipality in which the child lives; the child stands under "not known" wherever numbers are by municipality
-- fix_fr: inscrivez la municipalité où vit l'enfant; l'enfant figure sous « non connu » partout où les nombres sont par municipalité
--
-- basis: common sense (what is counted by municipality needs one that is known)
-- applies: files that place others of their clients, clients with an open file
-- A municipality that is not in the list is unknown_municipality, a code of no form postal_code_form. A
-- postal area places a client where postal: of the workspace says that it lies in one municipality.
with told_file as (
    select distinct c.agency, c.quarter, c._address.file as file
    from stage.client as c
    left join stage.municipality as p
        on p.spelling = left(regexp_replace(upper(c.postal_code), '[^A-Z0-9]', '', 'g'), 3)
    where c.is_superseded is not true and coalesce(c.municipality, p.municipality) is not null
)
select
    t.agency,
    t.quarter,
    'municipality' as column_name,
    case
        when nullif(trim(t.postal_code), '') is null then 'has neither a municipality nor a postal code'
        else 'has no municipality, and its postal area lies in no single one of the list'
    end as detail,
    t._address
from stage.client as t
join told_file as f on f.agency = t.agency and f.quarter = t.quarter and f.file is not distinct from t._address.file
left join stage.municipality as p
    on p.spelling = left(regexp_replace(upper(t.postal_code), '[^A-Z0-9]', '', 'g'), 3)
where t.is_superseded is not true
    and t.status is distinct from 'closed'
    and t.municipality is null
    and p.municipality is null
