select l.id, l.total
from lines l
