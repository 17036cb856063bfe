select distinct p.user_id as id
from projects p
