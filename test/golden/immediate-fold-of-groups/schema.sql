create table items (
  id int primary key,
  user_id int not null,
  kind text not null,
  price numeric(8, 2)
);
insert into items values (1, 1, 'cog', 2.50), (2, 1, 'rope', null), (3, 2, 'cog', 1), (4, 3, 'scrap', 9);
