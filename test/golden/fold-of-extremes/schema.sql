create table threads (id int primary key, title text not null);
create table messages (
  id int primary key,
  thread_id int not null,
  author varchar(20) not null,
  price numeric(8, 2),
  sent timestamp,
  hidden boolean not null default false
);
create index on messages (thread_id, sent);
insert into threads values (1, 'loom'), (2, 'mill'), (3, 'race');
insert into messages values
  (1, 1, 'ann', 2.50, '2026-01-01', false), (2, 1, 'bob', null, '2026-01-02', false), (3, 2, 'cy', 'NaN', 'infinity', false);
