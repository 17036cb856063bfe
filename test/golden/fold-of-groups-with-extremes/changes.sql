insert into readings values (4, null, 9, 'fair', '2026-01-01 00:00+00'), (5, 'lock', null, null, '2026-01-01 00:00+00');
update readings set level = 1 where id = 4;
update readings set level = 2 where id = 1;
update readings set place = 'lock' where id = 2;
update readings set mood = null;
insert into readings values (6, 'dam', 3, 'low', '2026-01-05 00:00+00'), (7, 'dam', 3, 'high', '2026-01-04 00:00+00');
delete from readings where place = 'dam' and mood = 'high';
delete from readings where place is null;
