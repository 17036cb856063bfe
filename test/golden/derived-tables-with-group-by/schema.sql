create table projects (id int primary key, title text not null);
create table votes (project_id int not null references projects on delete cascade, user_id int, up boolean not null, primary key (project_id, user_id));
create table comments (id int primary key, project_id int not null references projects on delete cascade, written timestamp not null);
create index on comments (project_id);
insert into projects values (10, 'loom'), (20, 'mill'), (30, 'race');
insert into votes values (10, 1, true), (10, 2, true), (20, 1, false);
insert into comments values (1, 10, '2026-01-01'), (2, 20, '2026-01-02');
