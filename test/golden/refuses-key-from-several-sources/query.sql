select u.id as user_id, p.id
from users u
join projects p on p.user_id < u.id
