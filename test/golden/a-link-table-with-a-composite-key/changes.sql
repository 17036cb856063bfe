insert into tags values (10, 2);
update categories set title = 'river' where id = 2;
update projects set deleted = true where id = 20;
delete from categories where id = 1;
