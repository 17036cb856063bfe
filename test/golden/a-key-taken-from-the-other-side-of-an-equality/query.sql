select u.id as owner_id, p.id, u.name,
       exists (select from votes v where v.project_id = p.id and v.user_id = u.id) as own_vote
from projects p
join users u on u.id = p.user_id
