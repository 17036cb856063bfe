select p.id, p.title,
       row_number() over (partition by p.user_id order by p.id) as place
from projects p
