update votes set up = true where project_id = 20;
insert into comments values (3, 30, '2026-01-03'), (4, 10, '2026-01-04');
delete from votes where project_id = 10 and user_id = 1;
delete from comments where id = 2;
