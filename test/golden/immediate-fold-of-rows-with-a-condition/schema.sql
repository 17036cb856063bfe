create table projects (id int primary key, title text not null, is_hidden boolean not null default false);
create table votes (
  project_id int not null references projects on delete cascade on update cascade,
  user_id int not null,
  weight int not null,
  primary key (project_id, user_id)
);
insert into projects values (1, 'loom', false), (2, 'mill', true), (3, 'race', false);
insert into votes values (1, 1, 3), (1, 2, -1), (2, 1, 5);
