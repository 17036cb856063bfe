create table users (id int primary key, place int);
create table offers (place int, rank int, title text, primary key (place, rank));
insert into users values (10, 4), (13, 2), (9, null), (12, null), (4, 1);
insert into offers values (4, 1, 'loom'), (4, 2, 'mill'), (7, 1, 'race');
