create table projects (id int primary key, user_id int not null, score numeric not null, ratio real, price numeric(8, 2));
