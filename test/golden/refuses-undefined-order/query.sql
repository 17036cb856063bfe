select p.user_id as id,
       string_agg(p.title, ', ' order by p.title collate "C") as titles,
       (array_agg(p.id order by p.title))[1] as first
from projects p
group by p.user_id
