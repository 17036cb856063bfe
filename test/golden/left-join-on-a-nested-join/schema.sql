create table users (id int primary key, name text not null);
create table categories (id int primary key, title text not null, rank int not null);
create table projects (id int primary key, user_id int references users on delete cascade, category_id int references categories on delete set null);
create index on projects (user_id);
create index on projects (category_id);
insert into users values (1, 'ann'), (2, 'bob'), (3, 'cy');
insert into categories values (1, 'wood', 1), (2, 'water', 9);
insert into projects values (10, 1, 1), (20, 2, 2);
