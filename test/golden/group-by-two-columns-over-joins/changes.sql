update users set country = null where id = 1;
update projects set user_id = 3 where id = 20;
insert into votes values (5, 30, 9);
delete from users where id = 1;
