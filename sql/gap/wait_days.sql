-- One row per wait of which some day lies in the year that ends with the quarter.
-- measure: wait_days
-- kind: wait
-- unit: need
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 511
-- by: service_type
-- evidence: wait.joined_on, need.identified_on, service.started_on
-- label: Days from asking to service
-- label_fr: Jours de la demande au service
-- definition: How long it takes from asking for a service to its first day, for half of the children and
-- definition: for nine of ten. Those who still wait count with the days waited so far, and those who
-- definition: left the list up to the last day on which they were known to wait (Kaplan-Meier), from the
-- definition: waits of the year that ends with the quarter, as far back as files reach.
-- definition_fr: Délai entre la demande d'un service et son premier jour, pour la moitié des enfants et
-- definition_fr: pour neuf sur dix. Les enfants qui attendent encore comptent pour les jours écoulés, et
-- definition_fr: ceux qui ont quitté la liste jusqu'au dernier jour connu d'attente (Kaplan-Meier), selon
-- definition_fr: les attentes de l'année qui se termine avec le trimestre, dans la limite des fichiers.
-- breakdown: service_type | Service | Service
-- list: service_type
-- cites: derived from CSP guidelines 2017, part 8 (waitlist and wait times); Kaplan and Meier 1958
with looked as (
    -- What ended before the first file is not in it: who waited longer then would seem to be all there is.
    select quarter, ends_on,
        greatest(cast(ends_on + to_days(1) - to_months(12) as date), min(starts_on) over ()) as from_on
    from core.quarter
),
seen as (
    select
        s.child_id,
        s.service_type,
        s.asked_on,
        l.quarter,
        l.from_on,
        coalesce(s.started_on <= l.ends_on, false) as is_started,
        if(s.started_on <= l.ends_on, s.started_on, least(s.last_open_on, l.ends_on)) as until_on
    from gap.spell as s
    join looked as l on s.asked_on <= l.ends_on
),
ended as (
    select *
    from seen
    where until_on >= greatest(from_on, asked_on)
),
-- Where the child lives, or lived when a file last told of it.
home as (
    select s.*, d.child_id is null as is_gone, d.area, d.municipality
    from ended as s
    left join gap.child as d on d.child_id = s.child_id and d.quarter = s.quarter
),
gone as (
    select
        h.child_id,
        h.quarter,
        arg_max(d.area, d.quarter) as area,
        arg_max(d.municipality, d.quarter) as municipality
    from (select distinct child_id, quarter from home where is_gone) as h
    join gap.child as d on d.child_id = h.child_id and d.quarter < h.quarter
    group by h.child_id, h.quarter
),
placed as (
    select child_id, service_type, asked_on, quarter, from_on, is_started, until_on, area, municipality
    from home
    where not is_gone
    union all
    select h.child_id, h.service_type, h.asked_on, h.quarter, h.from_on, h.is_started, h.until_on,
        g.area, g.municipality
    from home as h
    join gone as g on g.child_id = h.child_id and g.quarter = h.quarter
    where h.is_gone
),
first_told as (
    select child_id, service_type, asked_on, min(agency) as agency,
        arg_min(_address, agency || ask_id || quarter) as _address
    from gap.ask
    group by child_id, service_type, asked_on
)
select
    md5(concat_ws('|', s.child_id, s.service_type, s.asked_on))[:16] as unit_id,
    s.quarter,
    f.agency,
    f.agency as employer,
    s.area,
    s.municipality,
    s.child_id,
    s.service_type,
    s.is_started,
    if(s.asked_on < s.from_on, date_diff('day', s.asked_on, s.from_on) - 1, -1) as entered_days,
    true as counted,
    cast(null as varchar) as left_out_by,
    cast(date_diff('day', s.asked_on, s.until_on) as double) as value,
    f._address
from placed as s
join first_told as f
    on f.child_id = s.child_id and f.service_type = s.service_type and f.asked_on = s.asked_on
