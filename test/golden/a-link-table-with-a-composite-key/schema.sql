create table projects (id int primary key, title text not null, deleted boolean not null default false);
create table categories (id int primary key, title text not null);
create table tags (
  project_id int references projects on delete cascade,
  category_id int references categories on delete cascade,
  primary key (project_id, category_id)
);
create index on tags (category_id);
insert into projects values (10, 'loom'), (20, 'mill');
insert into categories values (1, 'wood'), (2, 'water');
insert into tags values (10, 1), (20, 1), (20, 2);
