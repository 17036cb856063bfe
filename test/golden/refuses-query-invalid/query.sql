select p.id, p.titel
from projects p
