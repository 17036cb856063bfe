select owner_id, count(*) as tickets, coalesce(sum(hours), 0) as hours
from tickets
group by owner_id
