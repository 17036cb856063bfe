insert into comments values (0, 1, 'first', 2);
update comments set weight = 1.00 where id = 1;
update comments set words = 'x' where id = 3;
update comments set post_id = 1 where id = 3;
delete from comments where id = 2;
update comments set id = 9 where id = 0;
insert into posts values (3, 'three');
