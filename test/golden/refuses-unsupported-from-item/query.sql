select p.id, n
from projects p
cross join generate_series(1, 3) n
