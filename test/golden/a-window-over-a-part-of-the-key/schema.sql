create table projects (id int primary key, user_id int not null, score int not null);
create index on projects (user_id);
insert into projects values (1, 1, 5), (2, 1, 7), (3, 2, 1);
