insert into wins values (5, 4, '2026-01-04'), (6, 2, '2026-01-05'), (7, 2, '2026-01-06');
update players set country = 'it' where country = 'de';
update wins set player_id = 3 where player_id = 1;
delete from wins where won = '2026-01-06';
delete from players where id = 1;
insert into players values (5, 'fr', 'eve');
