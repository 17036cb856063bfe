select distinct on (o.place) o.place, o.offered, u.id
from users u
full join (select place, rank, title as offered from offers) o on o.place = u.place
order by o.place, u.id desc nulls last, o.rank
