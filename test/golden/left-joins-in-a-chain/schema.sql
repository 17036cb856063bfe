create table users (id int primary key, name text not null, boss_id int references users on delete set null);
create index on users (boss_id);
create table projects (id int primary key, user_id int references users on delete set null, title text not null, deleted boolean not null default false);
create index on projects (user_id);
create table comments (id int primary key, project_id int references projects on delete set null, body text not null);
create index on comments (project_id);
insert into users values (1, 'ann', null), (2, 'bob', 1), (3, 'cy', 2);
insert into projects values (10, 2, 'loom'), (20, 3, 'mill'), (30, null, 'race');
insert into comments values (100, 10, 'a'), (101, 20, 'b'), (102, 30, 'c'), (103, null, 'd');
