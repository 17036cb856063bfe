insert into orders values (5, null, null, 3, ''), (6, null, 'south', 1, ''), (7, 2, null, 4, '');
update orders set seller_id = null where id = 1;
update orders set region = null where region = 'north';
update orders set amount = null where seller_id is null and region is null;
update orders set seller_id = 1 where id in (3, 4);
delete from orders where seller_id is null;
