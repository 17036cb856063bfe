create table projects (id int primary key, title text not null);
create table comments (id int primary key, project_id int not null references projects on delete cascade);
create index on comments (project_id);
insert into projects values (10, 'loom'), (20, 'mill'), (30, 'race');
insert into comments values (1, 10), (2, 10), (3, 20), (4, 30), (5, 30);
