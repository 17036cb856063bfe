select p.user_id as id, count(*) as projects
from projects p
group by rollup (p.user_id)
