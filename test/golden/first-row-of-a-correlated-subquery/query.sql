select p.id,
       (select c.body from comments c where c.project_id = p.id order by c.written desc, c.id desc limit 1) as newest,
       (select u.name from users u where u.id = p.user_id) as owner
from projects p
