select c.id, c.title
from categories c
where exists (
  select from tags t
  where t.category_id = c.id
    and exists (select from votes v where v.project_id = t.project_id and v.weight > 2)
)
