insert into comments values (4, 30, 1, 'late', '2026-03-01'), (5, 10, 1, 'late', '2026-03-02');
update comments set written = '2026-02-01' where id = 2;
update projects set title = 'mill race' where id = 20;
update projects set deleted = true where id = 10;
delete from comments where id = 5;
delete from users where id = 3;
