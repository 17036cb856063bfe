update users set name = 'ann' where id = 1;
insert into projects values (4, 2, 'dam');
update projects set user_id = 1, title = 'weir' where id = 3;
with made as (insert into users values (3, 'cat') returning id) update projects set user_id = (select id from made) where id = 1;
update users set id = 30 where id = 3;
delete from users where id = 1;
