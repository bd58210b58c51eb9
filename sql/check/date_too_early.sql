-- One row per date more than 25 years before the day the file speaks for.
-- check: date_too_early
-- class: row
-- severity: please_confirm
-- name: Date long before the child was born
-- name_fr: Date bien antérieure à la naissance
-- fix: correct the year
-- fix_fr: corrigez l'année
--
-- basis: domain.md 1.2 (up to 21 years of age), common sense
-- applies: all dates of clients but birth dates
with written as (
    select agency, quarter, as_of, _address, unnest([
            {column_name: 'referred_on', day: referred_on}]) as told
    from stage.referral
    where is_superseded is not true and referred_on < as_of - interval 25 years
    union all
    select agency, quarter, as_of, _address, unnest([
            {column_name: 'opened_on', day: opened_on},
            {column_name: 'closed_on', day: closed_on}]) as told
    from stage.client
    where is_superseded is not true and least(opened_on, closed_on) < as_of - interval 25 years
    union all
    select agency, quarter, as_of, _address, unnest([
            {column_name: 'signed_on', day: signed_on},
            {column_name: 'expires_on', day: expires_on},
            {column_name: 'withdrawn_on', day: withdrawn_on}]) as told
    from stage.consent
    where is_superseded is not true and least(signed_on, expires_on, withdrawn_on) < as_of - interval 25 years
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
    where is_superseded is not true and least(referral_on, first_contact_on, intake_on, assigned_on, started_on, inactive_on, closed_on, reengaged_on) < as_of - interval 25 years
    union all
    select agency, quarter, as_of, _address, unnest([
            {column_name: 'written_on', day: written_on},
            {column_name: 'shared_on', day: shared_on},
            {column_name: 'reviewed_on', day: reviewed_on},
            {column_name: 'next_review_due_on', day: next_review_due_on},
            {column_name: 'transition_started_on', day: transition_started_on}]) as told
    from stage.plan
    where is_superseded is not true and least(written_on, shared_on, reviewed_on, next_review_due_on, transition_started_on) < as_of - interval 25 years
    union all
    select agency, quarter, as_of, _address, unnest([
            {column_name: 'set_on', day: set_on},
            {column_name: 'status_on', day: status_on}]) as told
    from stage.goal
    where is_superseded is not true and least(set_on, status_on) < as_of - interval 25 years
    union all
    select agency, quarter, as_of, _address, unnest([
            {column_name: 'held_on', day: held_on}]) as told
    from stage.meeting
    where is_superseded is not true and held_on < as_of - interval 25 years
    union all
    select agency, quarter, as_of, _address, unnest([
            {column_name: 'requested_on', day: requested_on},
            {column_name: 'started_on', day: started_on},
            {column_name: 'ended_on', day: ended_on}]) as told
    from stage.service
    where is_superseded is not true and least(requested_on, started_on, ended_on) < as_of - interval 25 years
    union all
    select agency, quarter, as_of, _address, unnest([
            {column_name: 'identified_on', day: identified_on},
            {column_name: 'resolved_on', day: resolved_on}]) as told
    from stage.need
    where is_superseded is not true and least(identified_on, resolved_on) < as_of - interval 25 years
    union all
    select agency, quarter, as_of, _address, unnest([
            {column_name: 'joined_on', day: joined_on},
            {column_name: 'left_on', day: left_on}]) as told
    from stage.wait
    where is_superseded is not true and least(joined_on, left_on) < as_of - interval 25 years
    union all
    select agency, quarter, as_of, _address, unnest([
            {column_name: 'sent_on', day: sent_on},
            {column_name: 'returned_on', day: returned_on}]) as told
    from stage.survey
    where is_superseded is not true and least(sent_on, returned_on) < as_of - interval 25 years
)
select
    t.agency,
    t.quarter,
    t.told.column_name as column_name,
    'more than 25 years before the day the file speaks for' as detail,
    t._address
from written as t
where t.told.day < t.as_of - interval 25 years
