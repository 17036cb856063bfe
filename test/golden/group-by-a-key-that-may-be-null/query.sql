select c.user_id, count(*) as comments, count(distinct c.project_id) as projects
from comments c
group by c.user_id
