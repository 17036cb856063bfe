select u.id, u.name
from users u
where exists (
  select from comments c
  join projects p on p.id = c.project_id
  where c.user_id = u.id and not p.deleted
)
