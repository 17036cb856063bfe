select count(*) as n, max(p.title) as title
from projects p
