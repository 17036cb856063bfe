select p.id, p.title, (select max(s.value) from settings s) as largest
from projects p
