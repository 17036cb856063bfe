create table tickets (
  id int primary key,
  owner_id int,
  hours int
);
insert into tickets values (1, 1, 2), (2, null, 3);
