create table users (id int primary key, country text, active boolean not null);
create table projects (id int primary key, user_id int not null references users on delete cascade);
create index on projects (user_id);
create table votes (id int primary key, project_id int not null references projects on delete cascade, weight int);
create index on votes (project_id);
insert into users values (1, 'de', true), (2, null, true), (3, 'fr', false);
insert into projects values (10, 1), (20, 2), (30, 3);
insert into votes values (1, 10, 1), (2, 10, 2), (3, 20, 3), (4, 30, null);
