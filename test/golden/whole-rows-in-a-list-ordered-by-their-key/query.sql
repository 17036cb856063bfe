select p.id, coalesce((select jsonb_agg(to_jsonb(c) order by c.id) from comments c where c.post_id = p.id), '[]') as list
from posts p
