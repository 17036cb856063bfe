update votes set weight = 3 where project_id = 10;
update votes set project_id = 30 where project_id = 20;
delete from tags where project_id = 10 and category_id = 2;
