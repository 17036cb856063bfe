create table shops (id int primary key, name text not null);
create table orders (
  id int primary key,
  shop_id int not null references shops on delete cascade,
  at timestamptz not null,
  amount numeric(10, 2) not null
);
create index on orders (shop_id);
create index on orders (at);
insert into shops values (1, 'mill'), (2, 'race');
insert into orders values
  (1, 1, '2026-03-01 22:30+00', 10), (2, 1, '2026-03-01 23:30+00', 5), (3, 2, '2026-03-02 12:00+00', 7.5);
