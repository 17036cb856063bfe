insert into votes values (4, 2, true), (5, 1, true);
update users set active = true where id = 2;
update users set name = 'ANN' where id = 1;
delete from users where id = 1;
