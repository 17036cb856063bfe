select p.id, p.title
from projects p
join pages g on g.id = p.id
