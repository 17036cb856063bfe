select u.id, n.id as comment_id, n.body
from users u
cross join lateral (
  select c.id, c.body from comments c where c.user_id = u.id order by c.id desc limit 2
) n
