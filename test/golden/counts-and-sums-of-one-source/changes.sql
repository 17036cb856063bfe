insert into votes values (3, 1, true, 7), (3, 3, false, 2);
update votes set weight = 9 where project_id = 1 and user_id = 2;
update votes set project_id = 3 where project_id = 2 and user_id = 2;
update votes set user_id = 8 where project_id = 3 and user_id = 1;
delete from votes where project_id = 1 and user_id = 1;
update projects set id = 4 where id = 2;
insert into projects values (2, 'mole');
