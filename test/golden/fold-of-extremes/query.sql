select t.id, t.title,
       (select max(m.sent) from messages m where m.thread_id = t.id and not m.hidden) as last,
       (select min(m.author) filter (where m.price > 1) from messages m where m.thread_id = t.id) as author,
       (select coalesce(max(m.price), 0) + count(*) from messages m where m.thread_id = t.id) as mixed,
       (select m.author from messages m where m.thread_id = t.id
        order by m.sent desc nulls last, m.id desc limit 1) as latest
from threads t
