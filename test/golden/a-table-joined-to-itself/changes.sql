update users set boss_id = 1 where id = 4;
update users set name = 'anna' where id = 1;
delete from users where id = 2;
