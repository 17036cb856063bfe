select u.country, u.active, count(*) as votes, sum(v.weight) as weight
from votes v
join projects p on p.id = v.project_id
join users u on u.id = p.user_id
group by u.country, u.active
