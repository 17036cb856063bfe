select p.id, p.title
from projects p
order by p.id
limit 10
