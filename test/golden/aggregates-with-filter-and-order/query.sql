select u.id, u.name,
       (select array_agg(c.body order by c.written desc, c.id) filter (where c.body is not null)
        from comments c where c.user_id = u.id) as bodies,
       (select string_agg(p.title, ', ' order by p.title, p.id) from projects p where p.user_id = u.id) as titles,
       (select json_agg(json_build_object('on', p.title, 'body', c.body) order by c.id)
        from comments c join projects p on p.id = c.project_id where c.user_id = u.id) as said
from users u
