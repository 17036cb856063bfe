insert into banned values (2);
delete from banned where user_id = 3;
delete from votes;
insert into comments values (3, 1);
