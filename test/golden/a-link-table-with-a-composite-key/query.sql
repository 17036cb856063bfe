select t.project_id, t.category_id, p.title, k.title as category
from tags t
join projects p on p.id = t.project_id
join categories k on k.id = t.category_id
where not p.deleted
