create table orders (
  id int primary key,
  seller_id int,
  region text,
  amount int,
  note text
);
insert into orders values (1, 1, 'north', 5, ''), (2, 1, null, 7, ''), (3, null, 'north', null, ''), (4, null, null, 2, '');
