create table comments (id int primary key, user_id int not null);
create table votes (id int primary key, user_id int not null, up boolean not null);
create index on comments (user_id);
create index on votes (user_id);
insert into comments values (1, 1), (2, 2);
insert into votes values (1, 2, true), (2, 3, true);
