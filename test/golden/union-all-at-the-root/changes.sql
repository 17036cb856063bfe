update users set name = 'anna' where id = 1;
update users set active = true where id = 3;
update projects set deleted = true where id = 20;
delete from projects where id = 11;
