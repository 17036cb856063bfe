create table users (id int primary key);
create table comments (id int primary key, user_id int not null references users on delete cascade, body text);
create index on comments (user_id, id);
insert into users values (1), (2);
insert into comments values (1, 1, 'a'), (2, 1, 'b'), (3, 1, 'c');
