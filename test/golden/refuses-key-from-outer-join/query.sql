select p.id, u.name
from users u
left join projects p on p.user_id = u.id
