select p.id, upper(p.title) as title,
       (select count(*) from votes v where v.project_id = p.id) as votes,
       (select sum(v.weight) from votes v where v.project_id = p.id and v.weight > 0)
         / (select count(*) from votes v where v.project_id = p.id) as share
from projects p
where not p.is_hidden
