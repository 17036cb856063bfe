create table users (id int primary key);
create table comments (id int primary key, user_id int references users on delete set null, project_id int not null);
create index on comments (user_id);
insert into users values (1), (2);
insert into comments values (1, 1, 10), (2, 1, 20), (3, 2, 10), (4, null, 10);
