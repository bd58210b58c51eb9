-- One row per agreement of which no category of partner is known.
-- check: agreement_category_missing
-- class: row
-- severity: note
-- name: Agreement without a category of partner
-- name_fr: Entente sans catégorie de partenaire
-- fix: choose the category of the partner; which categories have an agreement rests on it
-- fix_fr: choisissez la catégorie du partenaire; les catégories pourvues d'une entente en dépendent
--
-- basis: domain.md 2, 1.9 D15 (required partners)
-- applies: agreements
select
    t.agency,
    t.quarter,
    'partner_category' as column_name,
    'the agreement counts for no required category' as detail,
    t._address
from stage.agreement as t
where t.is_superseded is not true
    and t.partner_category is null
