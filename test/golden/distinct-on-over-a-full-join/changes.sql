update users set place = 5 where id = 9;
insert into offers values (5, 1, 'wheel');
delete from offers where place = 4 and rank = 1;
delete from users where id in (12, 13);
insert into users values (3, 7);
