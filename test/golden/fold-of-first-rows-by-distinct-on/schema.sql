create table prices (
  id int primary key,
  product_id int,
  price numeric(8, 2),
  details jsonb,
  priority int,
  retired boolean not null default false
);
insert into prices values (1, 1, 2.50, '{"a": 1.0}', 1), (2, 1, 3, null, null), (3, null, 4, '[]', 2), (4, 2, 1, '1', 1);
