select user_id, c.said, v.ups
from (select user_id, count(*) as said from comments group by user_id) c
full join (select user_id, count(*) as ups from votes where up group by user_id) v using (user_id)
