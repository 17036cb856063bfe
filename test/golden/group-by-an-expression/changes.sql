update users set name = 'cy' where id = 2;
insert into projects values (30, 2, 'race');
delete from users where id = 3;
