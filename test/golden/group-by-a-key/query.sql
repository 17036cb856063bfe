select p.user_id, count(*) as projects, max(p.title) as last_title, sum(p.score) as score
from projects p
where not p.deleted
group by p.user_id
