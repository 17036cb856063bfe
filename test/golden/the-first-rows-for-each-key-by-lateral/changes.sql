insert into comments values (4, 1, 'd'), (5, 2, 'e');
delete from comments where id = 4;
update comments set user_id = 2 where id = 3;
delete from users where id = 2;
