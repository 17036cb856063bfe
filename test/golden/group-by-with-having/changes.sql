insert into comments values (6, 20);
delete from comments where id = 5;
update projects set title = 'wheel' where id = 10;
