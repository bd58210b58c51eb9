-- One row per agreement and quarter: whether it holds on the last day.
-- key: agreement_id, quarter
-- assert: is_in_force or not is_expiring
--
-- Formal are memoranda of understanding and information-sharing agreements (document 004). Expiring
-- is one that ends within the days of the setting agreement_notice_days (90 unless set).
select
    a.agreement_id,
    a.quarter,
    a.agency,
    a.partner_category,
    a.kind,
    coalesce(a.kind in ('mou', 'information_sharing'), false) as is_formal,
    coalesce(a.signed_on <= q.ends_on, false)
        and coalesce(a.expires_on >= q.ends_on, true) as is_in_force,
    coalesce(a.signed_on <= q.ends_on, false)
        and coalesce(a.expires_on between q.ends_on and q.ends_on + to_days(coalesce((
            select max(cast(value as integer))
            from stage.setting
            where name = 'agreement_notice_days'), 90)), false) as is_expiring,
    a.signed_on,
    a._address
from core.agreement as a
join core.quarter as q on q.quarter = a.quarter
