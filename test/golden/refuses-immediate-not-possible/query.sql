select u.id as user_id, p.id, p.title
from users u
left join projects p on p.user_id = u.id
