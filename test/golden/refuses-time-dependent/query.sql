select p.id, p.title
from projects p
where p.made > now() - interval '1 day'
