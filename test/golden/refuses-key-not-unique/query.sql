select p.user_id, p.title
from projects p
