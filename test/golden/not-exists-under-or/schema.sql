create table users (id int primary key, name text not null, active boolean not null default true);
create table projects (
  id int primary key,
  user_id int not null references users on delete cascade,
  title text not null,
  deleted boolean not null default false
);
create index on projects (user_id);
create table votes (
  project_id int not null references projects on delete cascade,
  user_id int not null references users on delete cascade,
  up boolean not null,
  weight int,
  primary key (project_id, user_id)
);
insert into users values (1, 'ann', true), (2, 'bob', true), (3, 'cy', false);
insert into projects values (10, 1, 'loom'), (11, 1, 'wheel'), (20, 2, 'mill'), (30, 3, 'race');
insert into votes values (10, 2, true, 1), (11, 2, false, 1), (20, 1, true, 1);
