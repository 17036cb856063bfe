create table projects (id int primary key, user_id int not null, title text not null, deleted boolean not null default false);
create index on projects (user_id);
insert into projects values (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'c');
