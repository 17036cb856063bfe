select c.id, c.body
from cache c
