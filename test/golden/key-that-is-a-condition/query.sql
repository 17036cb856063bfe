select u.value > 3 as is_large,
       (u.value is null or u.day <= date '2026-01-01') as is_early,
       u.day is not distinct from null as is_open,
       count(*) as users
from users u
group by u.value > 3, (u.value is null or u.day <= date '2026-01-01'), u.day is not distinct from null
