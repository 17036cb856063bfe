select p.id, u.id as user_id, t.name as team
from projects p
left join users u on u.id = p.user_id
left join teams t on t.id = u.team
