select distinct on (p.product_id) p.product_id, p.price, p.details, -p.price as off
from prices p
where not p.retired
order by p.product_id, p.priority desc nulls last, p.id desc
