create type mood as enum ('low', 'fair', 'high');
create table readings (
  id int primary key,
  place text,
  level int,
  mood mood,
  taken timestamptz not null
);
insert into readings values
  (1, 'weir', 5, 'low', '2026-01-01 00:00+00'), (2, 'weir', null, 'high', '2026-01-02 00:00+00'),
  (3, null, 7, null, '2026-01-03 00:00+00');
