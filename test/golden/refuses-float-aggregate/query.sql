select p.user_id as id, sum(p.score) as score
from projects p
group by p.user_id
