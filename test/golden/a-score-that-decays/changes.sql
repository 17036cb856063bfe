insert into votes values (4, 3), (5, 3), (6, 1);
update votes set post_id = 2 where id = 1;
update posts set made = '2026-02-01 00:00+00' where id = 1;
delete from posts where id = 2;
