select coalesce(k.title, '?') as title, count(*) as n
from projects p
left join kinds k on k.id = p.kind_id and k.open
group by coalesce(k.title, '?')
