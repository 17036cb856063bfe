create table messages (
  id int primary key,
  sender_id int not null,
  recipient_id int not null,
  body text not null,
  seen boolean not null,
  sent timestamp not null
);
create index on messages (sender_id);
create index on messages (recipient_id);
insert into messages values
  (1, 1, 2, 'hello', true, '2026-01-01'), (2, 2, 1, 'hi', false, '2026-01-02'), (3, 3, 1, 'psst', false, '2026-01-03');
