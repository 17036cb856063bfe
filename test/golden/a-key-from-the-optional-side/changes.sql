update kinds set open = false where id = 1;
update kinds set open = true;
delete from kinds where id = 1;
insert into projects values (4, 2);
