select p.id, p.title, u.name,
       (select count(*) from votes v where v.project_id = p.id and v.up) as ups
from projects p
join users u on u.id = p.user_id
where not p.deleted and u.active
