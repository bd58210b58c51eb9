-- One row per child and service asked for and still waited for at the end of the quarter.
-- measure: service_days_waiting
-- kind: wait
-- unit: need
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: system
-- ordinal: 443
-- by: service_type
-- evidence: need.identified_on, wait.joined_on
-- label: Days waiting for a service so far
-- label_fr: Jours d'attente d'un service à ce jour
-- definition: Calendar days from the day on which the need was found, or the child joined the
-- definition: waiting list, to the last day of the quarter, for services not yet begun. A child who
-- definition: waits for one service at several agencies waits once, since the earliest day.
-- definition_fr: Jours civils du jour où le besoin a été constaté, ou de l'inscription à la liste
-- definition_fr: d'attente, au dernier jour du trimestre, pour les services non commencés. Un enfant
-- definition_fr: qui attend un service dans plusieurs organismes attend une fois, depuis le premier jour.
-- rule: no_consent | No consent to link, and the agreement leaves such clients out | Aucun consentement au jumelage; l'entente exclut ces clients
-- rule: over_age | Past the age limit (21 unless set otherwise) | Au-delà de la limite d'âge (21 ans sauf réglage contraire)
-- rule: no_day | The day on which the wait began is missing or lies after the quarter | Le début de l'attente manque ou est postérieur au trimestre
-- rule: waits_longer | The child has waited longer for it at another agency | L'enfant attend depuis plus longtemps dans un autre organisme
-- breakdown: service_type | Service | Service
-- list: service_type
-- cites: derived from CSP guidelines 2017, part 8 (waitlist and wait times)
with asked as (
    select agency, client_local_id, quarter, service_type, identified_on as since, _address
    from core.need
    where status = 'waiting'
    union all
    select w.agency, w.client_local_id, w.quarter, w.service_type, w.joined_on, w._address
    from core.wait as w
    join core.quarter as q on q.quarter = w.quarter
    where w.left_on is null or w.left_on > q.ends_on
),
waiting as (
    select
        a.*,
        f.child_id,
        f.is_counted,
        f.left_out_by,
        c.area,
        c.municipality,
        q.ends_on,
        coalesce(a.since <= q.ends_on, false) as is_dated
    from asked as a
    join core.quarter as q on q.quarter = a.quarter
    join core.client as c
        on c.agency = a.agency and c.client_local_id = a.client_local_id and c.quarter = a.quarter
    join link.client_family as f
        on f.agency = a.agency and f.client_local_id = a.client_local_id and f.quarter = a.quarter
),
ranked as (
    select
        *,
        row_number() over (
            partition by child_id, service_type, quarter, is_counted and is_dated
            order by since, agency, client_local_id, _address.file, _address.version,
                _address.sheet, _address."row", _address.path
        ) as place
    from waiting
)
select
    md5(concat_ws('|', child_id, coalesce(service_type, '')))[:16] as unit_id,
    quarter,
    agency,
    agency as employer,
    area,
    municipality,
    service_type,
    is_counted and is_dated and place = 1 as counted,
    case
        when not is_counted then left_out_by
        when not is_dated then 'no_day'
        when place > 1 then 'waits_longer'
    end as left_out_by,
    cast(date_diff('day', since, ends_on) as double) as value,
    _address
from ranked
