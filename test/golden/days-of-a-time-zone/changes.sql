insert into orders values (4, 2, '2026-03-28 23:30+00', 12), (5, 2, now(), 1), (6, 1, '2026-03-02 06:00+00', 20);
update orders set at = at + interval '1 hour' where id = 1;
update shops set name = 'mill race' where id = 1;
update orders set amount = 6 where id = 3;
delete from shops where id = 2;
