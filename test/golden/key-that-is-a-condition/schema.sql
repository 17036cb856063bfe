create table users (id int primary key, value int, day date);
insert into users values (1, 7, '2026-01-01'), (2, 7, null), (3, 2, '2026-02-01'), (4, null, null);
