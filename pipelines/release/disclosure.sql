-- What each wider audience may see, decided. These tables hold true values and reasons.
create table disclosure.cell (audience varchar, cell_id varchar, is_shown boolean, why varchar, because_of varchar, low bigint, high bigint);
create table disclosure.number (audience varchar, id varchar, value bigint, state varchar, why varchar);
create table disclosure.relation (audience varchar, relation varchar, id varchar, factor bigint);
create table disclosure.proof (audience varchar, proof bigint, way varchar, id varchar, shift bigint);
create table disclosure.unmet (audience varchar, id varchar, why varchar, coarsen varchar);
create table disclosure.count (audience varchar, what varchar, count bigint);
