select upper(left(u.name, 1)) as letter, count(*) as rows, max(p.title) as title
from users u
left join projects p on p.user_id = u.id
group by upper(left(u.name, 1))
