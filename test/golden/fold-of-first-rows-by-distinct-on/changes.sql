insert into prices values (5, 1, 9, '{}', 1), (6, null, 8, null, 2), (7, 3, 5, null, null), (8, 3, 6, null, null);
update prices set details = '{"a": 1.00}' where id in (1, 5);
update prices set priority = null where product_id is null;
update prices set retired = true where id in (5, 8);
update prices set product_id = 2, priority = 2 where id = 1;
delete from prices where product_id = 3;
update prices set retired = false where id = 5;
delete from prices where product_id is null;
