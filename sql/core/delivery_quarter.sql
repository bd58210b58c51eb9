-- One row per agency and quarter: whether something readable was delivered.
-- key: agency, quarter
with file as (
    select
        agency,
        quarter,
        bool_or(state = 'taken') as is_delivered,
        bool_or(state = 'nil') as is_nil
    from stage.file
    group by agency, quarter
)
select
    coalesce(d.agency, f.agency) as agency,
    coalesce(d.quarter, f.quarter) as quarter,
    d.state,
    coalesce(f.is_delivered, false) as is_delivered,
    -- A nil report is a statement even where no file came: a person may have made it.
    not coalesce(f.is_delivered, false)
        and (coalesce(f.is_nil, false) or d.state is not distinct from 'nil') as is_nil
from stage.delivery as d
full join file as f on f.agency = d.agency and f.quarter = d.quarter
