select p.id, p.title,
       (select count(*) from votes v where v.project_id = p.id and v.up) as ups,
       (select count(v.weight) from votes v where v.project_id = p.id) as weighed,
       (select sum(v.weight) from votes v where v.project_id = p.id) as weight,
       (select avg(v.weight) filter (where v.up) from votes v where v.project_id = p.id) as mean
from projects p
