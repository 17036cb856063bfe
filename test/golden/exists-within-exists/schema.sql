create table categories (id int primary key, title text not null);
create table tags (project_id int, category_id int references categories on delete cascade, primary key (project_id, category_id));
create index on tags (category_id);
create table votes (project_id int, user_id int, weight int not null, primary key (project_id, user_id));
insert into categories values (1, 'wood'), (2, 'water'), (3, 'stone');
insert into tags values (10, 1), (10, 2), (20, 2), (30, 3);
insert into votes values (10, 1, 1), (20, 1, 5);
