update users set name = 'anna' where id = 1;
update projects set deleted = true where id = 20;
update comments set project_id = 30 where id = 103;
delete from users where id = 2;
