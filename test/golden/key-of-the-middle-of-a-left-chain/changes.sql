insert into projects values (6, null);
delete from users where id = 1;
insert into users values (7, 10);
delete from teams;
update projects set user_id = 8 where id = 3;
