insert into tickets values (3, null, 4), (4, 2, 1);
update tickets set owner_id = null where owner_id = 1;
update tickets set owner_id = 1 where owner_id is null;
insert into tickets values (5, null, 1) on conflict (id) do update set hours = excluded.hours;
delete from tickets where owner_id is null;
