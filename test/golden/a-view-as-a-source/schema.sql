create table users (id int primary key, name text not null, active boolean not null default true);
create table votes (id int primary key, user_id int not null references users on delete cascade, up boolean not null);
create index on votes (user_id);
create view active_users as select id, name from users where active;
create view voters as select a.id, a.name, v.up from active_users a join votes v on v.user_id = a.id;
insert into users values (1, 'ann', true), (2, 'bob', false);
insert into votes values (1, 1, true), (2, 1, false), (3, 2, true);
