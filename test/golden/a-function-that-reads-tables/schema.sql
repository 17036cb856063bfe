create table projects (id int primary key, category text not null, points int not null);
create index on projects (category);
create table rates (category text primary key, percent int not null);
create table limits (category text not null, most int not null);
create view tight_limits as select category, most from limits where most < 100;
create function worth(points int, category text) returns bigint language sql stable
begin atomic
  select least(worth.points * (select r.percent from rates r where r.category = worth.category) / 100,
               (select min(l.most) from tight_limits l where l.category = worth.category));
end;
insert into projects values (1, 'tools', 40), (2, 'houses', 50), (3, 'tools', 10);
insert into rates values ('houses', 120), ('tools', 100);
insert into limits values ('tools', 20);
