select u.id, u.name,
       (select array_agg(c.body) filter (where c.body is not null) from comments c where c.user_id = u.id) as bodies,
       array(select p.title from projects p where p.user_id = u.id and not p.deleted) as titles,
       coalesce(w.said, '[]'::jsonb) as said
from users u
left join (select c.user_id, jsonb_agg(jsonb_build_object('on', p.title, 'body', c.body)) as said
           from comments c join projects p on p.id = c.project_id
           group by c.user_id) w on w.user_id = u.id
