create table categories (id int primary key, rank int not null);
create table projects (id int primary key, title text not null, category_id int references categories on delete set null);
create index on projects (category_id);
insert into categories values (1, 1), (2, 2);
insert into projects values (10, 'loom', 1), (20, 'mill', 2), (30, 'race', null);
