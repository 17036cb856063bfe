select u.id, u.name, b.name as boss, g.name as grand,
       (select count(*) from users r where r.boss_id = u.id) as reports
from users u
left join users b on b.id = u.boss_id
left join users g on g.id = b.boss_id
