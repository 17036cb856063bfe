update projects set user_id = 2 where id = 11;
update projects set score = 1.00 where id = 10;
update projects set deleted = true where id = 20;
insert into projects values (30, 3, 'race', 0);
