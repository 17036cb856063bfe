select p.id, p.title, random() as luck
from projects p
