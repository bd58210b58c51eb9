-- One row per date of the past more than 90 days after the day the file speaks for.
-- check: date_too_late
-- class: row
-- severity: please_confirm
-- name: Date in the future
-- name_fr: Date dans le futur
-- fix: correct the date; what is only planned belongs in no date of the past
-- fix_fr: corrigez la date; ce qui n'est que prévu n'est pas encore une date
--
-- basis: common sense (files come within weeks of the quarter's end)
-- applies: all dates of things that have happened
-- Ends, due dates, expiries and meetings may lie ahead. The 90 days leave room for a file that was written late.
with written as (
    select agency, quarter, as_of, _address, unnest([
            {column_name: 'referred_on', day: referred_on}]) as told
    from stage.referral
    where is_superseded is not true and referred_on > as_of + 90
    union all
    select agency, quarter, as_of, _address, unnest([
            {column_name: 'opened_on', day: opened_on},
            {column_name: 'closed_on', day: closed_on}]) as told
    from stage.client
    where is_superseded is not true and greatest(opened_on, closed_on) > as_of + 90
    union all
    select agency, quarter, as_of, _address, unnest([
            {column_name: 'signed_on', day: signed_on},
            {column_name: 'withdrawn_on', day: withdrawn_on}]) as told
    from stage.consent
    where is_superseded is not true and greatest(signed_on, withdrawn_on) > as_of + 90
    union all
    select agency, quarter, as_of, _address, unnest([
            {column_name: 'referral_on', day: referral_on},
            {column_name: 'first_contact_on', day: first_contact_on},
            {column_name: 'intake_on', day: intake_on},
            {column_name: 'assigned_on', day: assigned_on},
            {column_name: 'started_on', day: started_on},
            {column_name: 'inactive_on', day: inactive_on},
            {column_name: 'closed_on', day: closed_on},
            {column_name: 'reengaged_on', day: reengaged_on}]) as told
    from stage.episode
    where is_superseded is not true and greatest(referral_on, first_contact_on, intake_on, assigned_on, started_on, inactive_on, closed_on, reengaged_on) > as_of + 90
    union all
    select agency, quarter, as_of, _address, unnest([
            {column_name: 'written_on', day: written_on},
            {column_name: 'shared_on', day: shared_on},
            {column_name: 'reviewed_on', day: reviewed_on},
            {column_name: 'transition_started_on', day: transition_started_on}]) as told
    from stage.plan
    where is_superseded is not true and greatest(written_on, shared_on, reviewed_on, transition_started_on) > as_of + 90
    union all
    select agency, quarter, as_of, _address, unnest([
            {column_name: 'set_on', day: set_on},
            {column_name: 'status_on', day: status_on}]) as told
    from stage.goal
    where is_superseded is not true and greatest(set_on, status_on) > as_of + 90
    union all
    select agency, quarter, as_of, _address, unnest([
            {column_name: 'requested_on', day: requested_on},
            {column_name: 'started_on', day: started_on}]) as told
    from stage.service
    where is_superseded is not true and greatest(requested_on, started_on) > as_of + 90
    union all
    select agency, quarter, as_of, _address, unnest([
            {column_name: 'identified_on', day: identified_on},
            {column_name: 'resolved_on', day: resolved_on}]) as told
    from stage.need
    where is_superseded is not true and greatest(identified_on, resolved_on) > as_of + 90
    union all
    select agency, quarter, as_of, _address, unnest([
            {column_name: 'joined_on', day: joined_on},
            {column_name: 'left_on', day: left_on}]) as told
    from stage.wait
    where is_superseded is not true and greatest(joined_on, left_on) > as_of + 90
)
select
    t.agency,
    t.quarter,
    t.told.column_name as column_name,
    'more than 90 days after the day the file speaks for' as detail,
    t._address
from written as t
where t.told.day > t.as_of + 90
