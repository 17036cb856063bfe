update users set id = 10 where id = 1;
update users set value = 1 where id = 2;
delete from users where id = 3;
update users set value = null, day = null;
