insert into votes values (1, 3), (1, 2);
update users set name = 'anna' where id = 1;
update projects set user_id = 2, score = 9 where id = 1;
update users set name = '' where id = 2;
update users set name = 'rob' where id = 2;
insert into projects values (4, 2, 'dam', 2);
delete from projects where id = 1;
delete from votes;
