create table users (id int primary key, name text not null);
create table projects (id int primary key, user_id int not null references users on delete cascade, title text not null);
create index on projects (user_id);
insert into users values (1, 'ann'), (2, 'Alf'), (3, 'bob');
insert into projects values (10, 1, 'loom'), (20, 3, 'mill');
