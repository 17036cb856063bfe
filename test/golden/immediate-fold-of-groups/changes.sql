insert into items values (5, 4, 'cog', 3), (6, 1, 'cog', 0.05);
update items set price = price + 1;
update items set user_id = 4 where id = 3;
update items set kind = 'rope' where kind in ('cog', 'scrap');
insert into items values (7, 1, 'cog', 'NaN');
update items set user_id = 2 where id = 7;
delete from items where id in (5, 7);
insert into items values (8, 1, 'rope', 1) on conflict (id) do update set price = excluded.price;
