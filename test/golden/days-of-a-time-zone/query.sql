select o.at::date as day, o.shop_id, s.name, count(*) as orders, sum(o.amount) as amount,
       min(to_char(o.at, 'HH24:MI')) as first,
       count(*) filter (where o.at > now() - interval '7 days') as of_a_week
from orders o
join shops s on s.id = o.shop_id
where extract(hour from o.at) >= 6 or o.amount > 6
group by o.at::date, o.shop_id, s.name
