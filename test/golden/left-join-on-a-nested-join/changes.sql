update categories set rank = 2, title = 'river' where id = 2;
insert into projects values (5, 1, 2), (30, 3, 1);
delete from projects where id = 20;
