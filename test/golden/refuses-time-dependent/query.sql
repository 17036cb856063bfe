select p.id, p.title, now() - p.made as age
from projects p
