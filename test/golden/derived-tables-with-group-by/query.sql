select p.id, p.title, coalesce(v.ups, 0) as ups, c.comments, c.last
from projects p
left join (select project_id, count(*) as ups from votes where up group by project_id) v on v.project_id = p.id
join (select project_id, count(*) as comments, max(written) as last from comments group by project_id) c
  on c.project_id = p.id
