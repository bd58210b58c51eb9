-- One row per CSP episode active at the end of the quarter.
-- measure: csp_plans_current
-- kind: share
-- unit: episode
-- basis: point_in_time
-- version: 1
-- since: 2025-26Q1
-- question: how_well
-- ordinal: 311
-- evidence: plan.written_on, plan.reviewed_on, plan.next_review_due_on
-- label: Active episodes with a current plan
-- label_fr: Épisodes actifs dont le plan est à jour
-- definition: Of the episodes active on the last day of the quarter, the share with a plan whose
-- definition: next review is not overdue; without a due date, it is due the months of the setting
-- definition: review_months (6 unless set, as another area's protocol has it) after the last review or the plan.
-- definition_fr: Part des épisodes actifs au dernier jour du trimestre dont le plan n'attend aucune
-- definition_fr: révision en retard; sans échéance indiquée, celle-ci tombe le nombre de mois du
-- definition_fr: paramètre review_months (6 par défaut, comme le protocole local d'un autre
-- definition_fr: secteur) après la dernière révision ou le plan.
-- cites: derived from CSP guidelines 2017, part 4; six months: local protocol of another area, taken as a setting: "Service Integration Guidelines for Kingston, Frontenac and Lennox & Addington"
select
    episode_id as unit_id,
    quarter,
    agency,
    employer,
    area,
    municipality,
    true as counted,
    cast(null as varchar) as left_out_by,
    cast(case
        when written_on is null or written_on > ends_on then 0
        when coalesce(next_review_due_on, greatest(written_on, reviewed_on) + to_months(coalesce((
            select max(cast(value as integer))
            from stage.setting
            where name = 'review_months'), 6))) >= ends_on then 1
        else 0
    end as double) as value,
    _address
from core.csp_episode
where is_active
