with recent as (select id, title from projects)
select r.id, r.title
from recent r
