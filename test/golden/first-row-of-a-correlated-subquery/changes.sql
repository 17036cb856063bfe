delete from comments where id = 2;
insert into comments values (3, 11, null, 'first', '2026-01-03');
update users set name = 'bert' where id = 2;
update projects set user_id = 3 where id = 10;
