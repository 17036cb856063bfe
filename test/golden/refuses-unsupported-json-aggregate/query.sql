select p.user_id as id, json_arrayagg(p.title) as titles
from projects p
group by p.user_id
