update users set name = 'anna' where id = 1;
update users set active = true where id = 3;
insert into votes values (30, 1, true, 1), (30, 2, true, 1);
update votes set project_id = 11 where project_id = 10 and user_id = 2;
update projects set deleted = true where id = 10;
delete from users where id = 2;
