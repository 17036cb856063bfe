update comments set written = '2026-02-01' where id = 2;
insert into comments values (4, 30, 1, 'late', '2026-03-01');
update projects set title = 'mill race' where id = 20;
delete from users where id = 3;
