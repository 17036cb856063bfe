select v.visible_id, max(u.id) as last, count(*) as rows
from users u
left join visible v on v.visible_id = u.id
group by v.visible_id
