create table users (id int primary key, name text not null, active boolean not null default true);
create table messages (
  id int primary key,
  sender_id int not null references users on delete cascade,
  recipient_id int not null references users on delete cascade,
  body text not null
);
create index on messages (sender_id);
create index on messages (recipient_id);
insert into users values (1, 'ann', true), (2, 'bob', false), (3, 'cy', false);
insert into messages values (10, 1, 2, 'hello'), (11, 2, 3, 'psst'), (12, 3, 1, 'what?');
