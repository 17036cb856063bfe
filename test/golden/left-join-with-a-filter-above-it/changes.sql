update categories set rank = 3 where id = 1;
delete from categories where id = 2;
update projects set category_id = 1 where id = 30;
