create table projects (id int primary key, title text not null);
create table votes (
  project_id int not null references projects on delete cascade on update cascade,
  user_id int not null,
  up boolean not null,
  weight int,
  primary key (project_id, user_id)
);
insert into projects values (1, 'loom'), (2, 'mill'), (3, 'race');
insert into votes values (1, 1, true, 3), (1, 2, false, null), (2, 1, true, 5), (2, 2, true, 1);
