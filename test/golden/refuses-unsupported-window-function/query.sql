select p.id, p.title,
       row_number() over (order by p.id) as place
from projects p
