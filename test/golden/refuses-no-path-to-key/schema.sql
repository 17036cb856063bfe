create table projects (id int primary key, user_id int not null, title text not null, score real, made timestamptz);
create table settings (name text primary key, value int not null);
