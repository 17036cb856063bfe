update users set n = 0 where id = 1;
update users set n = 5 where id = 3;
delete from users where id = 1;
insert into users values (4, null);
