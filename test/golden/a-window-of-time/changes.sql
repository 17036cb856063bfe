insert into events values (3, 2, '2120-01-01');
update events set at = '2020-01-01' where id = 2;
delete from events where person_id = 1;
