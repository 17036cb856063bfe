create table votes (id int primary key, user_id int not null);
create table comments (id int primary key, user_id int not null);
create table banned (user_id int primary key);
create index on votes (user_id);
create index on comments (user_id);
insert into votes values (1, 1), (2, 2);
insert into comments values (1, 2), (2, 3);
insert into banned values (3);
