select u.country, u.region, max(v.weight) as most, string_agg(v.user_id::text, ' ' order by v.user_id, v.weight) as voters
from votes v
join projects p on p.id = v.project_id
join users u on u.id = p.user_id
group by u.country, u.region
