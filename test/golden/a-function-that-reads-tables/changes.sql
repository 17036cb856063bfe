update rates set percent = 150 where category = 'houses';
update limits set category = 'houses' where category = 'tools';
insert into limits values ('tools', 30), ('tools', 300);
delete from rates where category = 'houses';
update projects set category = 'tools' where id = 2;
with gone as (delete from limits returning category) delete from projects where id = 1;
