create table users (id int primary key, name text not null);
create table projects (id int primary key, user_id int not null references users, title text not null, score int not null);
create index on projects (user_id);
create table votes (user_id int not null, project_id int not null references projects on delete cascade, primary key (user_id, project_id));
create index on votes (project_id);
insert into users values (1, 'ann'), (2, 'bob');
insert into projects values (1, 1, 'loom', 3), (2, 1, 'mill', 5), (3, 2, 'race', 1);
insert into votes values (1, 1), (2, 1), (2, 3);
