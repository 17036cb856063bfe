select p.id, p.title
from projects p
where p.user_id in (select q.id from projects q)
