select c.project_id, count(*) as comments
from comments c
join projects p on p.id = c.project_id
group by c.project_id
having count(*) > 1 and max(p.title) > 'm'
