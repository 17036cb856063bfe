select p.id, generate_series(1, 3) as copy
from projects p
