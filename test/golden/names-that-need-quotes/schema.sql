create table "Order" ("select" int primary key, "first name" text, "Größe" int);
create table "tab ""le" ("select" int primary key references "Order" on delete cascade, "u1" text, "op" int);
insert into "Order" values (1, 'ann', 3), (2, 'bob', null), (3, 'cy', 3);
insert into "tab ""le" values (1, 'x', 1), (2, 'y', 2);
