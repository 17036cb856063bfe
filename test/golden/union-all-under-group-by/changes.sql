update messages set seen = true where id = 2;
insert into messages values (4, 1, 3, 'what?', false, '2026-01-04');
update messages set recipient_id = 4 where id = 1;
