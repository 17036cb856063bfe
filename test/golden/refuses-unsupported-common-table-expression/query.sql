with recursive chain as (
  select id, title from projects
  union all
  select id + 1, title from chain where id < 3
)
select c.id, c.title
from chain c
