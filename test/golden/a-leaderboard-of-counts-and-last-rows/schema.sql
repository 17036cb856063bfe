create table players (id int primary key, country text not null, name text not null);
create table wins (id int primary key, player_id int not null references players on delete cascade, won timestamp not null);
create index on wins (player_id, won);
insert into players values (1, 'de', 'ada'), (2, 'fr', 'ben'), (3, 'de', 'chen'), (4, 'it', 'dora');
insert into wins values (1, 1, '2026-01-01'), (2, 1, '2026-01-02'), (3, 2, '2026-01-01'), (4, 3, '2026-01-03');
