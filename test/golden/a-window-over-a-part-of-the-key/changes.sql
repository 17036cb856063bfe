update projects set score = 9 where id = 1;
update projects set user_id = 2 where id = 2;
delete from projects where id = 3;
