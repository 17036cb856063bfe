delete from comments where user_id = 2;
update votes set user_id = 1 where user_id = 3;
delete from votes;
insert into votes values (9, 7, true);
