select p.id, p.title
from projects p tablesample system (10)
