insert into votes values (3, 1, 2), (2, 2, 7);
update votes set weight = weight - 2;
update projects set is_hidden = false, title = 'dam' where id = 2;
update projects set id = id + 10 where id in (1, 2);
with made as (insert into projects values (4, 'sluice') returning id) insert into votes select id, 1, 4 from made;
update votes set project_id = 4, user_id = user_id + 10 where project_id = 3;
delete from projects where id = 11;
update projects set is_hidden = true where id = 4;
