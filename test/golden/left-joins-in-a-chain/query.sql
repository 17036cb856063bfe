select c.id, c.body, p.title, u.name, b.name as boss
from comments c
left join projects p on p.id = c.project_id and not p.deleted
left join users u on u.id = p.user_id
left join users b on b.id = u.boss_id
