insert into votes values (3, 2, 9), (4, 1, 1);
update users set region = 'be' where id = 2;
update projects set user_id = 3 where id = 1;
update users set region = null where country = 'de';
update votes set project_id = 2, user_id = user_id + 10 where project_id = 1;
update users set country = 'at' where region is null;
delete from users where id = 3;
