select p.id, p.title
from projects p
where p.deleted or not exists (select from votes v where v.project_id = p.id and v.up)
