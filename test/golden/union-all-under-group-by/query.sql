select m.user_id, m.other_id, count(*) as messages, count(*) filter (where m.unread) as unread,
       (array_agg(m.body order by m.sent desc, m.id desc))[1] as last
from (
  select recipient_id as user_id, sender_id as other_id, id, body, sent, not seen as unread from messages
  union all
  select sender_id, recipient_id, id, body, sent, false from messages
) m
group by m.user_id, m.other_id
