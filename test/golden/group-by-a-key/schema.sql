create table projects (
  id int primary key,
  user_id int not null,
  title text not null,
  score numeric not null,
  deleted boolean not null default false
);
create index on projects (user_id);
insert into projects values (10, 1, 'loom', 1.0), (11, 1, 'wheel', 2.50), (20, 2, 'mill', 3);
