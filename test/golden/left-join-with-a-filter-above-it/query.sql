select p.id, p.title
from projects p
left join categories k on k.id = p.category_id and k.rank > 1
where k.id is null
