create table projects (id int primary key, tags text[]);
insert into projects values (1, '{wood,water}'), (2, '{}'), (3, null), (4, '{wood,water}'), (5, '{null}');
