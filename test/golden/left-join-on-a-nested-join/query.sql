select u.id, u.name, p.id as project, k.title
from users u
left join (projects p join categories k on k.id = p.category_id and k.rank < 3)
  on p.user_id = u.id and p.id = (select min(q.id) from projects q where q.user_id = u.id)
