create table projects (id int primary key, user_id int not null, title text not null, score real, made timestamptz);
create materialized view recent as select id, title from projects;
