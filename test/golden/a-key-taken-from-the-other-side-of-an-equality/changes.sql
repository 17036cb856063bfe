update projects set user_id = 1 where id = 20;
update users set name = 'anna' where id = 1;
insert into votes values (30, 3, true, 1);
delete from votes where project_id = 10;
