create table projects (id int primary key, title text not null);
