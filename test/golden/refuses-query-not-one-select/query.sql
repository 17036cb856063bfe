select p.id from projects p;
delete from projects
