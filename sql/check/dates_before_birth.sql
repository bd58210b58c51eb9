-- One row per client born long after something happened to it.
-- check: dates_before_birth
-- class: case
-- severity: please_confirm
-- name: Born after the file began
-- name_fr: Naissance postérieure au dossier
-- fix: correct the birth date, or the date that is named
-- fix_fr: corrigez la date de naissance, ou la date indiquée
--
-- basis: common sense (a file may open while the child is expected, not sooner)
-- applies: clients with a birth date known to the day
with event as (
    select agency, quarter, client_local_id, 'opened_on' as column_name, opened_on as happened_on
    from stage.client
    where is_superseded is not true
    union all
    select agency, quarter, client_local_id, 'referral_on', least(referral_on, first_contact_on)
    from stage.episode
    where is_superseded is not true
    union all
    select agency, quarter, client_local_id, 'written_on', written_on
    from stage.plan
    where is_superseded is not true
    union all
    select agency, quarter, client_local_id, 'requested_on', least(requested_on, started_on)
    from stage.service
    where is_superseded is not true
    union all
    select agency, quarter, client_local_id, 'identified_on', identified_on
    from stage.need
    where is_superseded is not true
    union all
    select agency, quarter, client_local_id, 'joined_on', joined_on
    from stage.wait
    where is_superseded is not true
),
doubted as (
    select e.agency, e.quarter, e.client_local_id, e.column_name, t._address
    from stage.client as t
    join event as e
        on e.agency = t.agency
        and e.quarter = t.quarter
        and e.client_local_id = t.client_local_id
        and e.happened_on < t.birth_date - 280
    where t.is_superseded is not true
        and coalesce(t.birth_date_precision, 'day') = 'day'
        and t.birth_date between date '1901-01-02' and t.as_of
        and e.happened_on >= t.as_of - interval 25 years
)
select
    d.agency,
    d.quarter,
    'birth_date' as column_name,
    concat('lies more than 280 days after ', string_agg(distinct d.column_name, ', ' order by d.column_name))
        as detail,
    d._address
from doubted as d
group by d.agency, d.quarter, d._address
