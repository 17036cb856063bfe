select u.country, k.title, count(*) as n
from projects p
join users u on u.id = p.user_id
join kinds k on k.id = p.kind_id
group by u.country, k.title
