create table posts (id int primary key, title text not null, made timestamptz not null);
create table votes (id int primary key, post_id int not null references posts on delete cascade);
create index on votes (post_id);
insert into posts values (1, 'loom', '2026-01-01 00:00+00'), (2, 'wheel', '2026-01-02 00:00+00'), (3, 'mill', '2026-01-03 00:00+00');
insert into votes values (1, 1), (2, 1), (3, 2);
