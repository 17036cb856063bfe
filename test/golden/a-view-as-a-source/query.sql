select r.id, r.name, count(*) as votes, count(*) filter (where r.up) as ups
from voters r
group by r.id, r.name
