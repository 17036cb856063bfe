update projects set deleted = true where id = 2;
update projects set user_id = 2 where id = 1;
insert into projects values (4, 2, 'd');
delete from projects where user_id = 2;
