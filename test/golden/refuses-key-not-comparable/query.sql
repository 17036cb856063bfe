select d.body, d.id
from documents d
