-- One row per complaint, coordinator or agreement that ends before it begins.
-- check: register_dates_order
-- class: row
-- severity: please_confirm
-- name: Ends before it begins
-- name_fr: Finit avant de commencer
-- fix: correct the first or the last day
-- fix_fr: corrigez le premier ou le dernier jour
--
-- basis: domain.md 1.9 D14, D15, D16
-- applies: complaints, coordinators and agreements with both dates
with told as (
    select agency, quarter, 'closed_on' as column_name, received_on as begins_on, closed_on as ends_on,
        _address
    from stage.complaint
    where is_superseded is not true
    union all
    select agency, quarter, 'ended_on', started_on, ended_on, _address
    from stage.coordinator
    where is_superseded is not true
    union all
    select agency, quarter, 'expires_on', signed_on, expires_on, _address
    from stage.agreement
    where is_superseded is not true
)
select
    t.agency,
    t.quarter,
    t.column_name,
    'lies before the first day' as detail,
    t._address
from told as t
where t.ends_on < t.begins_on
