create table users (id int primary key, country text not null);
create table kinds (id int primary key, title text not null);
create table projects (id int primary key, user_id int not null references users on delete cascade, kind_id int not null references kinds on delete cascade);
create index on projects (user_id);
create index on projects (kind_id);
insert into users values (1, 'de'), (2, 'fr');
insert into kinds values (1, 'wood'), (2, 'water');
insert into projects values (1, 1, 1), (2, 1, 2), (3, 2, 2);
