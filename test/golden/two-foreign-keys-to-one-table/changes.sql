update users set active = true where id = 3;
update users set name = 'anna' where id = 1;
update messages set recipient_id = 3 where id = 10;
delete from users where id = 2;
