create table users (id int primary key, name text not null, active boolean not null default true);
create table projects (
  id int primary key,
  user_id int not null references users on delete cascade,
  title text not null,
  deleted boolean not null default false
);
create index on projects (user_id);
