-- The release of gaps: figures and what they rest on; no row of it is a child's.
create table release.figure (figure_id varchar, measure varchar, statistic varchar, quarter varchar, area varchar, municipality varchar,
    service varchar, cut varchar, code varchar, value double, low double, high double, method varchar, unit_count bigint, of_count bigint,
    reported_count integer, expected_count integer, is_small boolean, line_broken boolean, funnel varchar, rank integer, rank_low integer, rank_high integer);
create table release.definition (measure varchar, statistic varchar, kind varchar, unit varchar, pack varchar, label varchar, label_fr varchar,
    definition varchar, definition_fr varchar, cites varchar, is_bad_high boolean, ordinal integer);
create table release.method (method varchar, label varchar, label_fr varchar);
create table release.place (kind varchar, code varchar, area varchar, name varchar, name_fr varchar, population bigint, population_on date,
    children bigint, children_on date, status varchar, census_division varchar);
create table release.service (code varchar, name varchar, name_fr varchar, ordinal integer);
create table release.cut (cut varchar, cut_label varchar, cut_label_fr varchar, code varchar, name varchar, name_fr varchar, ordinal integer);
create table release.agency (agency varchar, name varchar, name_fr varchar, role varchar, category varchar);
create table release.coverage (quarter varchar, area varchar, municipality varchar, service varchar, agency varchar, state varchar, changed boolean);
create table release.path (quarter varchar, direction varchar, partner_category varchar, kind varchar, outcome varchar, unit_count bigint, is_small boolean);
create table release.partner (quarter varchar, programme varchar, partner_category varchar, name varchar, name_fr varchar, has_agreement boolean, has_data boolean, agencies varchar);
create table release.closing (quarter varchar, area varchar, municipality varchar, service varchar, waiting bigint, not_available bigint, places double, hours double, method varchar, is_small boolean);
create table release.delivery (quarter varchar, agency varchar, state varchar, is_late boolean);
