create table users (id int primary key, country text not null, region text);
create table projects (id int primary key, user_id int not null references users on delete cascade);
create index on projects (user_id);
create table votes (
  project_id int not null references projects on delete cascade,
  user_id int not null,
  weight int not null,
  primary key (project_id, user_id)
);
insert into users values (1, 'de', 'by'), (2, 'de', null), (3, 'fr', null);
insert into projects values (1, 1), (2, 2), (3, 2), (4, 3);
insert into votes values (1, 1, 3), (1, 2, 1), (2, 1, 5), (3, 1, 2), (4, 4, 2);
