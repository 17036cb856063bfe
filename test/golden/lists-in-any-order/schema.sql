create table users (id int primary key, name text not null, active boolean not null default true);
create table projects (
  id int primary key,
  user_id int not null references users on delete cascade,
  title text not null,
  deleted boolean not null default false
);
create index on projects (user_id);
create table comments (
  id int primary key,
  project_id int not null references projects on delete cascade,
  user_id int references users on delete set null,
  body text,
  written timestamp not null
);
create index on comments (project_id);
create index on comments (user_id);
insert into users values (1, 'ann', true), (2, 'bob', true), (3, 'cy', false);
insert into projects values (10, 1, 'loom'), (11, 1, 'wheel'), (20, 2, 'mill'), (30, 3, 'race');
insert into comments values
  (1, 10, 2, 'fine', '2026-01-01 10:00'), (2, 20, 2, 'so so', '2026-01-01 09:00'), (3, 20, 1, null, '2026-01-02');
