update users set country = 'it' where id = 1;
delete from kinds where id = 2;
delete from users where id = 1;
insert into projects values (4, 2, 1);
with u as (update users set country = 'es' where id = 2 returning id) update kinds set title = 'stone' where id = 1;
