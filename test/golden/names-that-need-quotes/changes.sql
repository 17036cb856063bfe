update "tab ""le" set "op" = 3 where "select" = 1;
update "Order" set "first name" = 'di' where "select" = 2;
delete from "Order" where "select" = 1;
insert into "tab ""le" values (3, 'z', 2);
