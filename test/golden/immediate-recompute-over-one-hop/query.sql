select p.id, p.title, u.name as author
from projects p
join users u on u.id = p.user_id
