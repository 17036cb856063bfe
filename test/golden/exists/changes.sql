update projects set deleted = true where id = 10;
insert into comments values (3, 20, 3, 'c', '2026-01-03');
delete from projects where id = 30;
