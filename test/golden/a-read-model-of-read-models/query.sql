select v.user_id, w.name, w.projects, sum(v.votes) as votes, max(p.score) as score
from voted v
join writers w on w.id = v.user_id
join projects p on p.id = v.id
group by v.user_id, w.name, w.projects
