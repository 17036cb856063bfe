select p.user_id, p.id, row_number() over (partition by p.user_id order by p.score desc, p.id) as place
from projects p
