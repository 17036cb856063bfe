select r.id, r.title
from recent r
