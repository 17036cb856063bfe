select p.id, q.title
from projects q
right join projects p on p.id = q.user_id
