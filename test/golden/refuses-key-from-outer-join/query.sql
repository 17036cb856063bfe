select coalesce(a.id, b.id, c.id, d.id, e.id, f.id) as id, u.name
from users u
left join projects a on a.user_id = u.id + 1
left join projects b on b.user_id = u.id + 2
left join projects c on c.user_id = u.id + 3
left join projects d on d.user_id = u.id + 4
left join projects e on e.user_id = u.id + 5
left join projects f on f.user_id = u.id + 6
