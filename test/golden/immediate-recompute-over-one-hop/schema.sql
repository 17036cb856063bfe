create table users (id int primary key, name text not null);
create table projects (
  id int primary key,
  user_id int not null references users on delete cascade on update cascade,
  title text not null
);
create index on projects (user_id);
insert into users values (1, 'ada'), (2, 'bob');
insert into projects values (1, 1, 'loom'), (2, 1, 'mill'), (3, 2, 'race');
