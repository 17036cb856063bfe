select o.seller_id, o.region, count(*) as orders, sum(o.amount) as amount
from orders o
group by o.seller_id, o.region
