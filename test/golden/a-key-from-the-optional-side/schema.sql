create table kinds (id int primary key, title text not null, open boolean not null default true);
create table projects (id int primary key, kind_id int references kinds on delete set null);
create index on projects (kind_id);
insert into kinds values (1, 'wood', true), (2, 'water', false);
insert into projects values (1, 1), (2, 2), (3, null);
