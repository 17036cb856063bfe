select p.user_id as id,
       string_agg(p.title, ', ' order by p.title collate "C") as titles,
       (array_agg(p.id order by p.title))[1] as first,
       array(select q.title from projects q where q.user_id = p.user_id) as again,
       (select q.title from projects q where q.user_id = p.user_id union all select 'none' limit 1) as one
from projects p
group by p.user_id
