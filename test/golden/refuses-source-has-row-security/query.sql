select s.id, s.body
from secrets s
