create table projects (id int primary key, user_id int not null, title text not null, score real, made timestamptz);
create function double_score(int) returns real language sql stable
as $$ select 2 * score from projects where id = $1 $$;
