-- One row per client whose sex is another than in the delivery before.
-- check: sex_changed
-- class: history
-- severity: note
-- name: Sex changed
-- name_fr: Sexe modifié
-- fix: check the value; if it was corrected, nothing needs to be done
-- fix_fr: vérifiez la valeur; si elle a été corrigée, il n'y a rien à faire
--
-- basis: common sense
-- applies: snapshots and cumulative files with a column for sex (gender may change), and a delivery before
with sent as (
    select agency, quarter, client_local_id, given_name, birth_date, birth_date_precision, sex, _address
    from stage.client
    where is_superseded is not true and file_kind in ('snapshot', 'cumulative')
        and client_local_id is not null
    qualify row_number() over (
        partition by agency, quarter, client_local_id
        order by as_of desc, _address.file desc, _address."row" desc, _address.path) = 1
),
delivered as (
    select agency, quarter, lag(quarter) over (partition by agency order by quarter) as quarter_before
    from (select distinct agency, quarter from sent)
),
pair as (
    select t.agency, t.quarter, t.given_name, t.birth_date, t.birth_date_precision, t.sex, t._address,
        b.given_name as given_name_before, b.birth_date as birth_date_before,
        b.birth_date_precision as birth_date_precision_before, b.sex as sex_before
    from sent as t
    join delivered as d
        on d.agency = t.agency
        and d.quarter = t.quarter
    join sent as b
        on b.agency = t.agency
        and b.quarter = d.quarter_before
        and b.client_local_id = t.client_local_id
)
select
    t.agency,
    t.quarter,
    'sex' as column_name,
    'is another than in the last delivery' as detail,
    t._address
from pair as t
where t.sex in ('female', 'male')
    and t.sex_before in ('female', 'male')
    and t.sex <> t.sex_before
    and (t.birth_date <> t.birth_date_before
        and lower(strip_accents(t.given_name)) <> lower(strip_accents(t.given_name_before))) is not true
