select m.id, m.body, s.name as sender, r.name as recipient
from messages m
join users s on s.id = m.sender_id
join users r on r.id = m.recipient_id
where s.active or r.active
