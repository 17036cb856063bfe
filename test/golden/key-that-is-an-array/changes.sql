update projects set tags = '{stone}' where id in (1, 3);
update projects set tags = null where id = 2;
insert into projects values (6, '{"a,b"}');
delete from projects where id = 4;
