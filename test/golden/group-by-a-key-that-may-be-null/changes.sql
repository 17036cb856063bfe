delete from users where id = 1;
insert into comments values (5, 2, 10);
update comments set user_id = 2 where id = 4;
