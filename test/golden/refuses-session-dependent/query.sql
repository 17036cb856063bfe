select p.id, p.made::date as day, p.user_id,
       sum(p.id) over (partition by p.user_id order by p.made range between '1 day' preceding and current row) as recent,
       age(p.made, '2026-01-01 00:00+00') as age, p.id::regclass::text as what
from projects p
