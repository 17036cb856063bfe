create table lines (id int primary key, price int, pieces int, total int generated always as (price * pieces) virtual);
