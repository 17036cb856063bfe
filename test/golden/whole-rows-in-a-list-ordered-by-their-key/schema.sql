create table posts (id int primary key, title text not null);
create table comments (id int primary key, post_id int not null references posts, words text, weight numeric);
insert into posts values (1, 'one'), (2, 'two');
insert into comments values (1, 1, 'a', 1.0), (2, 1, 'b', null), (3, 2, null, 1.5);
