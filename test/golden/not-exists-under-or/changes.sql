update votes set up = false where project_id = 10;
insert into votes values (30, 1, true, 1);
update projects set deleted = true where id = 20;
delete from votes where project_id = 11;
