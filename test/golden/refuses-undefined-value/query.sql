select p.user_id as id,
       max(p.score) as best,
       min(p.ratio * 2) as least,
       max(p.price) as dearest,
       max(p.score::numeric(12, 4)) as rounded
from projects p
group by p.user_id, p.score
