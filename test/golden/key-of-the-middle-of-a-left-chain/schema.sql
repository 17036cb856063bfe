create table projects (id int primary key, user_id int);
create table users (id int primary key, team int);
create table teams (id int primary key, name text);
insert into projects values (1, 1), (2, 1), (3, 2), (4, null), (5, 7);
insert into users values (1, 10), (2, 99), (3, 10);
insert into teams values (10, 'loom');
