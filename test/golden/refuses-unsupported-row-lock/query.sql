select p.id, p.title
from projects p
for update
