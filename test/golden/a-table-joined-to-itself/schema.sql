create table users (id int primary key, name text not null, boss_id int references users on delete set null);
create index on users (boss_id);
insert into users values (1, 'ann', null), (2, 'bob', 1), (3, 'cy', 2), (4, 'di', 2);
