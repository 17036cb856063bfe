insert into messages values (4, 1, 'abe', 9, '2026-01-03'), (5, 3, 'di', null, null), (6, 3, 'eve', 1, null);
update messages set hidden = true where id = 4;
update messages set thread_id = 3, sent = '-infinity' where id = 3;
update messages set price = 'NaN' where id in (1, 6);
delete from messages where sent = '2026-01-03';
update messages set sent = '2026-02-01', author = 'zoe' where id in (1, 5);
insert into threads values (4, 'late');
insert into messages values (7, 4, 'flo', 3, '2026-01-01'), (8, 4, 'gus', 2, '2026-01-01');
delete from messages where id = 8 or thread_id = 1;
