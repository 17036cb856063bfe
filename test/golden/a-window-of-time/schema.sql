create table events (id int primary key, person_id int not null, at timestamptz not null);
create index on events (person_id);
create index on events (at);
insert into events values (1, 1, '2020-01-01'), (2, 1, '2120-01-01');
