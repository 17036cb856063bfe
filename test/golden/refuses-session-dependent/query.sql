select p.id, p.made::date as day
from projects p
