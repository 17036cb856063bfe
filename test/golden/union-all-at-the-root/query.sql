select 'project' as kind, p.id, p.title as label, u.name as owner
from projects p
join users u on u.id = p.user_id
where not p.deleted
union all
select 'user', u.id, u.name, null
from users u
where u.active
