create table users (id int primary key, n int);
create view visible as select id as visible_id from users where n > 0;
insert into users values (1, 1), (2, 2), (3, 0);
